// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/trial.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <filesystem>
#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr std::uint64_t policy = 42;

Result<void> load_nothing(const std::string& module)
{
    return system_error("load", module, 0);
}

} // namespace

TEST(Confirm, IsAllWellWhereNoPolicyIsOnTrial)
{
    const TemporaryTree tree;
    const ProgramRun run = run_ctl({"confirm", "--root", tree.path()});
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(run.out, "the policy of this boot is not on trial\n");
    EXPECT_TRUE(std::filesystem::is_empty(tree.path()));
}

TEST(Confirm, EndsTheTrialOfThePolicy)
{
    const TemporaryTree tree;
    std::filesystem::create_directories(tree.path() + "/sys/firmware/efi/efivars");
    const Root root = Root::open(tree.path()).value();
    ASSERT_TRUE(begin_trial_here(root, policy, 1, load_nothing).bind);
    const ProgramRun run = run_ctl({"confirm", "--root", tree.path()});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.out, "the policy of this boot is confirmed\n");
    EXPECT_TRUE(begin_trial_here(root, policy, 1, load_nothing).bind) << "it is on trial still";
}

TEST(Confirm, FailsWhereTheVariableCannotBeWritten)
{
    const TemporaryTree tree;
    std::filesystem::create_directories(tree.path() + "/sys/firmware/efi/efivars");
    ASSERT_TRUE(begin_trial_here(Root::open(tree.path()).value(), policy, 1, load_nothing).bind);
    const std::string variable = tree.path() + "/sys/firmware/efi/efivars/" + trial_variable;
    std::filesystem::remove(variable);
    std::filesystem::create_directory(variable);
    const ProgramRun run = run_ctl({"confirm", "--root", tree.path()});
    EXPECT_NE(run.code, 0);
    EXPECT_TRUE(run.err.starts_with("vfio-earlyctl: ")) << run.err;
}

} // namespace vfio_early::test
