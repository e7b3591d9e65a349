// SPDX-License-Identifier: GPL-2.0-or-later
// The program as it is shipped, killed at each call by which it writes, and with a disk that is full at each: strace(1)
// does both. Whatever the call, the policy is the old one or the new one, and the next run works.
#include "tests/support/shell.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <tuple>

namespace vfio_early::test {

namespace {

constexpr const char* policy_file = "etc/vfio-early.conf";
constexpr const char* lock_file = "\".vfio-early.conf.new\"";
constexpr const char* writing_calls = "openat,openat2,write,ftruncate,fchown,fchmod,fsync,renameat,unlinkat,fcntl";

/// `./dev test` names the release build: under a tracer, a sanitizer takes a hundred times as long to start.
std::string program()
{
    const char* shipped = std::getenv("VFIO_EARLY_SHIPPED");
    return shipped != nullptr ? shipped : VFIO_EARLY_EARLYCTL;
}

/// The `count`th call of this name in a run.
struct Call {
    std::string name;
    unsigned count = 0;
};

class PolicyCutShort : public testing::TestWithParam<std::tuple<const char*, const char*>> {
protected:
    PolicyCutShort() { expand_machine("ryzen_3400g_iommu_on", tree); }

    void SetUp() override
    {
        if (const ShellRun tracing = shell("strace -o /dev/null true"); tracing.code != 0)
            GTEST_SKIP() << "nothing can be traced here: " << tracing.out;
        tree.write("old.conf", "options vfio-pci ids=1022:15e1\n");
        begin_anew();
    }

    void begin_anew() const
    {
        tree.write(policy_file, before);
        std::filesystem::remove(tree.path() + "/etc/vfio-early.conf~");
    }

    ShellRun run(const std::string& arguments, const std::string& tracer = "") const
    {
        // LeakSanitizer is a tracer itself, and there can be only one.
        return shell(fmt::format("cd {0} && ASAN_OPTIONS=detect_leaks=0 {1} {2} {3} --root {0}", tree.path(), tracer,
                                 program(), arguments));
    }

    ShellRun run_traced(const std::string& arguments, const std::string& expression) const
    {
        return run(arguments, fmt::format("strace -qq -o {}/log -e {}", tree.path(), expression));
    }

    /// The calls from the lock on, but those that only open something to read.
    std::vector<Call> calls() const
    {
        std::map<std::string, unsigned> counts;
        std::vector<Call> found;
        bool locked = false;
        std::istringstream log(tree.read("log"));
        for (std::string line; std::getline(log, line);) {
            const std::string name = line.substr(0, line.find('('));
            const unsigned count = ++counts[name];
            locked = locked || line.find(lock_file) != line.npos;
            if (locked && line.find("O_RDONLY") == line.npos)
                found.push_back({.name = name, .count = count});
        }
        return found;
    }

    std::string policy() const { return tree.read(policy_file); }

    bool has_litter() const
    {
        for (const auto& entry : std::filesystem::directory_iterator(tree.path() + "/etc"))
            if (entry.path().filename().string().starts_with(".vfio-early"))
                return true;
        return false;
    }

    TemporaryTree tree;
    const std::string before = "# mine\nset log debug\nbind 0b:00.0\n";
};

} // namespace

TEST_P(PolicyCutShort, LeavesTheOldPolicyOrTheNewOne)
{
    const auto& [command, blow] = GetParam();
    const ShellRun whole = run_traced(command, std::string("trace=") + writing_calls);
    ASSERT_EQ(whole.code, 0) << whole.out;
    const std::string after = policy();
    ASSERT_NE(after, before);
    unsigned old = 0;
    unsigned renewed = 0;
    for (const Call& call : calls()) {
        SCOPED_TRACE(fmt::format("{} at {} {}", blow, call.name, call.count));
        begin_anew();
        const ShellRun cut =
            run_traced(command, fmt::format("trace={0} -e inject={0}:{1}:when={2}", call.name, blow, call.count));
        ASSERT_TRUE(tree.read("log").find("INJECTED") != std::string::npos ||
                    tree.read("log").find("killed by SIGKILL") != std::string::npos);
        // AddressSanitizer writes, too, and cannot go on where that fails: no word about the program.
        if (cut.out.find("CHECK failed: sanitizer") != std::string::npos)
            continue;
        const std::string left = policy();
        ++(left == before ? old : renewed);
        EXPECT_TRUE(left == before || left == after) << left;
        EXPECT_TRUE(cut.code != 0 || left == after) << cut.out;
        EXPECT_TRUE(!tree.exists("etc/vfio-early.conf~") || tree.read("etc/vfio-early.conf~") == before);
        const ShellRun next = run("add 0a:00.3");
        EXPECT_EQ(next.code, 0) << next.out;
        EXPECT_TRUE(policy().starts_with(left)) << policy();
        EXPECT_TRUE(policy().ends_with("bind path=0000:00:08.1/00.3 id=1022:15e0\n")) << policy();
        EXPECT_EQ(tree.read("etc/vfio-early.conf~"), before) << "the file before the first change of the day";
        EXPECT_FALSE(has_litter());
    }
    // The lock, the new file, its mode and its rename, and the backup's.
    EXPECT_GE(old, 10U);
    EXPECT_GE(renewed, 1U);
}

INSTANTIATE_TEST_SUITE_P(Commands, PolicyCutShort,
                         testing::Values(std::tuple("add 01:00.0", "signal=KILL"),
                                         std::tuple("add 01:00.0", "error=ENOSPC"),
                                         std::tuple("import --write old.conf", "signal=KILL")));

} // namespace vfio_early::test
