// SPDX-License-Identifier: GPL-2.0-or-later
// Configurations as people really write them (tests/real): what import and doctor say of each, and that what import
// prints is a policy.
#include "early/model/policy.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_tree.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <cstdlib>
#include <gtest/gtest.h>

namespace vfio_early::test {

TEST(RealConfigurations, ImportAndDoctorSayWhatAnExpertWould)
{
    const TemporaryTree folder; // in memory: each run unpacks a machine of some hundred files
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    const auto files = source_files("tests/real", ".machine");
    EXPECT_GE(files.size(), 20U);
    for (const auto& file : files) {
        SCOPED_TRACE(file.filename());
        std::string told;
        for (const char* command : {"import", "doctor"}) {
            const ProgramRun run = run_ctl({command, "--machine", file.string()});
            told += std::string("$ vfio-earlyctl ") + command + "\n" + run.out + run.err + "exit code " +
                    std::to_string(run.code) + "\n";
        }
        auto golden = file;
        expect_golden(golden.replace_extension(".expected"), told);
        const ProgramRun all = run_ctl({"import", "--all", "--machine", file.string()});
        const std::vector<PolicyFile> policy{{.name = "imported", .text = all.out}};
        EXPECT_TRUE(parse_policy(policy).ok()) << all.out;
    }
    ::unsetenv("TMPDIR");
}

} // namespace vfio_early::test
