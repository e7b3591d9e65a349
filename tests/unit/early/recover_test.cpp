// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/recover_command.hpp"

#include "tests/support/temporary_tree.hpp"

#include <filesystem>
#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using namespace std::chrono_literals;

class Recover : public testing::Test {
protected:
    Recover() { boot("root=UUID=1"); }

    void boot(const std::string& command_line) { tree_.write("proc/cmdline", command_line + "\n"); }
    bool look(std::chrono::milliseconds clock) { return waited(clock).has_value(); }
    std::optional<std::chrono::milliseconds> waited(std::chrono::milliseconds clock)
    {
        return look_at_wait(root_, find_root_source(root_), options_, clock);
    }

    test::TemporaryTree tree_;
    Root root_ = Root::open(tree_.path()).value();
    Options options_;
};

TEST_F(Recover, ReleasesOnceAfterTheGrace)
{
    EXPECT_FALSE(look(100s));
    EXPECT_FALSE(look(109s));
    EXPECT_TRUE(look(110s));
    EXPECT_FALSE(look(111s));
    EXPECT_FALSE(look(200s));
}

TEST_F(Recover, TellsHowLongTheWaitTook)
{
    EXPECT_FALSE(look(100s));
    EXPECT_EQ(waited(110250ms), 10250ms);
    EXPECT_EQ(recovery_reason(10250ms), "/ has not come in 10.2 s: what it may be on is given back");
}

TEST_F(Recover, DoesNotCountWhileAPassphraseIsAskedFor)
{
    EXPECT_FALSE(look(100s));
    tree_.write("run/systemd/ask-password/ask.abc", "");
    EXPECT_FALSE(look(130s));
    std::filesystem::remove(tree_.path() + "/run/systemd/ask-password/ask.abc");
    EXPECT_FALSE(look(139s));
    EXPECT_TRUE(look(140s));
}

TEST_F(Recover, WaitsNoLongerWhenItIsTheLastLook)
{
    options_.last = true;
    EXPECT_TRUE(look(100s));
    EXPECT_FALSE(look(101s));
}

TEST_F(Recover, IsPatientWithTheNetworkAsLongAsThereIsAnInterface)
{
    boot("root=/dev/nfs");
    tree_.write("sys/class/net/lo/mtu", "");
    EXPECT_FALSE(look(100s));
    EXPECT_TRUE(look(110s));

    std::filesystem::remove_all(tree_.path() + "/run");
    tree_.write("sys/class/net/enp1s0/mtu", "");
    EXPECT_FALSE(look(100s));
    EXPECT_FALSE(look(110s));
    EXPECT_TRUE(look(130s));
}

TEST_F(Recover, WithoutAPlaceToRememberOnlyTheLastLookReleases)
{
    tree_.write("run", "not a directory");
    EXPECT_FALSE(look(100s));
    EXPECT_FALSE(look(200s));
    options_.last = true;
    EXPECT_TRUE(look(201s));
}

TEST_F(Recover, KnowsRootThatTheImageNames)
{
    boot("quiet");
    EXPECT_EQ(find_root_source(root_).device, "");
    tree_.write("run/systemd/generator/sysroot.mount", "[Mount]\nWhat=/dev/disk/by-uuid/2\n");
    EXPECT_EQ(find_root_source(root_).device, "dev/disk/by-uuid/2");
    tree_.write("etc/cmdline.d/95root-dev.conf", " root=UUID=3 rootfstype=ext4\n");
    EXPECT_EQ(find_root_source(root_).device, "dev/disk/by-uuid/3");
    boot("root=UUID=4"); // what the user says counts more than what the image says
    EXPECT_EQ(find_root_source(root_).device, "dev/disk/by-uuid/4");
}

TEST_F(Recover, SeesThatRootHasCome)
{
    tree_.write("proc/mounts", "rootfs / rootfs rw 0 0\n");
    EXPECT_FALSE(root_has_come(root_, find_root_source(root_)));
    tree_.write("dev/disk/by-uuid/1", "");
    EXPECT_TRUE(root_has_come(root_, find_root_source(root_)));
    boot("root=/dev/nfs");
    EXPECT_FALSE(root_has_come(root_, find_root_source(root_)));
    tree_.write("proc/mounts", "10.0.0.1:/srv /sysroot nfs4 rw 0 0\n");
    EXPECT_TRUE(root_has_come(root_, find_root_source(root_)));
    std::filesystem::remove(tree_.path() + "/proc/mounts");
    EXPECT_TRUE(root_has_come(root_, find_root_source(root_)));
}

} // namespace
} // namespace vfio_early
