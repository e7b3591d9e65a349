// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/bind_command.hpp"
#include "tests/support/fixture_pci.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

constexpr Ids card{0x10de, 0x128b, 0x1458, 0x36f6, 0x030000};
constexpr Ids other_card{0x1002, 0x15d8, 0x1458, 0x0001, 0x030000};
constexpr Ids nic{0x8086, 0x10d3, 0x8086, 0, 0x020000};

class BindCommand : public testing::Test {
protected:
    BindCommand()
    {
        make_function(tree, {"pci0000:00/0000:00:02.0", other_card, 0, "amdgpu"});
        make_function(tree, {"pci0000:00/0000:00:03.0", card, 1});
        make_function(tree, {"pci0000:00/0000:00:04.0", nic, 2, "e1000e"});
        tree.make_dir("sys/module/vfio_pci");
        tree.make_file("proc/cmdline", "quiet\n");
        options.command = Options::Command::bind;
        options.root = tree.path();
        options.dry_run = true;
    }

    /// The exit code; what was said is in `output`.
    int run()
    {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = run_bind(options, std::chrono::steady_clock::now());
        output = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
        output = output.substr(0, output.find(" in ")); // the time that it took
        return code;
    }

    FixtureTree tree;
    Options options;
    std::string output;
};

TEST_F(BindCommand, DryRunSaysWhatWouldBeDoneAndDoesNothing)
{
    tree.make_file("etc/vfio-early.conf", "bind 00:03.0 id=10de:128b\n");
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "vfio-early: dry-run: would bind 0000:00:03.0 10de:128b to vfio-pci (vfio-early.conf:1)\n"
                      "vfio-early: dry-run: done: would bind 1, 0 refused");
    EXPECT_FALSE(tree.root().exists("run"));
    EXPECT_EQ(tree.content("sys/bus/pci/devices/0000:00:03.0/driver_override"), "(null)\n");
}

TEST_F(BindCommand, RefusalsMakeTheExitCodeOne)
{
    tree.make_file("etc/vfio-early.conf", "bind 00:03.0 id=10de:ffff\n");
    EXPECT_EQ(run(), 1);
    EXPECT_NE(output.find("0000:00:03.0 10de:ffff refused: mismatch: is 10de:128b"), std::string::npos) << output;
}

TEST_F(BindCommand, APolicyErrorNamesThePlaceAndBindsNothing)
{
    tree.make_file("etc/vfio-early.conf", "bind 00:03.0\nbnid 00:04.0\n");
    EXPECT_EQ(run(), 2);
    EXPECT_TRUE(output.starts_with("vfio-early: policy error: /etc/vfio-early.conf:2:1: ")) << output;
    EXPECT_TRUE(output.ends_with("; nothing is bound\n")) << output;
}

TEST_F(BindCommand, AMalformedCredentialIsOneLineAndThePolicyHolds)
{
    tree.make_file("etc/vfio-early.conf", "bind 00:03.0 id=10de:128b\n");
    tree.make_file("run/vfio-early/credentials/vfio-early.conf", "bind 00:04.0\nbnid 00:04.0\nnonsense\n");
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output,
              "vfio-early: credential:vfio-early.conf:2:1: unknown statement 'bnid'; nothing of this credential "
              "holds\n"
              "vfio-early: dry-run: would bind 0000:00:03.0 10de:128b to vfio-pci (vfio-early.conf:1)\n"
              "vfio-early: dry-run: done: would bind 1, 0 refused");
}

TEST_F(BindCommand, ManyPolicyErrorsAreCounted)
{
    std::string policy;
    for (int line = 0; line < 40; ++line)
        policy += "nonsense\n";
    tree.make_file("etc/vfio-early.conf", policy);
    EXPECT_EQ(run(), 2);
    EXPECT_NE(output.find("vfio-early: policy error: 37 more; nothing is bound\n"), std::string::npos) << output;
}

TEST_F(BindCommand, AnUnreadablePolicyIsAPolicyError)
{
    tree.make_dir("etc/vfio-early.conf");
    EXPECT_EQ(run(), 2);
    EXPECT_EQ(output,
              "vfio-early: policy error: /etc/vfio-early.conf: cannot be read: not a regular file; nothing is bound\n");
    options.policy = tree.path("none");
    EXPECT_EQ(run(), 2);
}

TEST_F(BindCommand, WithoutAStatementThereIsNothingToDo)
{
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "vfio-early: no policy: nothing to do\n");
    tree.make_file("etc/vfio-early.conf", "protect 00:03.0\n");
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "vfio-early: the policy has no bind statement: nothing to do\n");
}

TEST_F(BindCommand, TheKernelCommandLineCanBindWithoutAPolicy)
{
    tree.make_file("proc/cmdline", "vfio_early.bind=00:03.0\n");
    EXPECT_EQ(run(), 0);
    EXPECT_NE(output.find("would bind 0000:00:03.0"), std::string::npos) << output;
}

TEST_F(BindCommand, OffReadsNoPolicy)
{
    tree.make_dir("etc/vfio-early.conf");
    tree.make_file("proc/cmdline", "quiet vfio_early=off\n");
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "vfio-early: off: 'vfio_early=off' is on the kernel command line\n");
}

TEST_F(BindCommand, OnlyLeavesTheOthersAlone)
{
    tree.make_file("etc/vfio-early.conf", "bind 00:03.0 id=10de:128b\nbind 00:04.0 id=8086:ffff\n");
    options.only = {*parse_address("00:03.0")};
    EXPECT_EQ(run(), 0);
    EXPECT_NE(output.find("would bind 1, 0 refused"), std::string::npos) << output;
    options.only = {*parse_address("00:02.0")};
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "") << "the policy says nothing of it";
}

TEST_F(BindCommand, WithVfsOnlyVirtualFunctionsCount)
{
    const std::string nic_directory = "sys/devices/pci0000:00/0000:00:04.0";
    tree.make_file(nic_directory + "/sriov_numvfs", "0\n");
    tree.make_file(nic_directory + "/sriov_totalvfs", "7\n");
    options.only = {*parse_address("00:04.0")};
    options.vfs = true;
    tree.make_file("etc/vfio-early.conf", "bind 00:04.0 id=8086:10d3\n");
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "") << "a function that was given back is not taken again";
    tree.make_file("etc/vfio-early.conf", "bind 00:03.0\nbind 00:04.0 id=8086:10d3 vfs=4\n");
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "vfio-early: dry-run: would leave 0000:00:04.0 8086:10d3 to its native driver: "
                      "4 virtual functions for vfio-pci (vfio-early.conf:2)\n"
                      "vfio-early: dry-run: done: would bind 0, 0 refused, keep 1");
    options.only = {*parse_address("00:03.0")};
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(output, "");
}

TEST_F(BindCommand, SaysThatThereIsNoSysfs)
{
    FixtureTree empty;
    empty.make_file("etc/vfio-early.conf", "bind 00:03.0\n");
    options.root = empty.path();
    EXPECT_EQ(run(), 1);
    EXPECT_NE(output.find("cannot read the PCI functions: "), std::string::npos) << output;
    EXPECT_NE(output.find("nothing is bound"), std::string::npos) << output;
}

TEST_F(BindCommand, ARecordedMachineIsNeverWrittenTo)
{
    tree.make_file("etc/vfio-early.conf", "bind 00:03.0 id=10de:128b\n");
    options.dry_run = false;
    EXPECT_EQ(run(), 2);
    EXPECT_NE(output.find("add --dry-run"), std::string::npos) << output;
    options.root = tree.path("none");
    options.dry_run = true;
    EXPECT_EQ(run(), 2);
}

} // namespace
} // namespace vfio_early::test
