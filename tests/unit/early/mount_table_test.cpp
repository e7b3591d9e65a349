// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/mount_table.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

TEST(MountTable, ReadsMountinfo)
{
    const auto mounts = parse_mountinfo(
        "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
        "23 22 0:30 /sub /srv/with\\040space rw master:1 propagate_from:2 - btrfs /dev/sda1 rw,space_cache\n"
        "24 22 0:31 / /net rw - nfs4 192.0.2.1:/export rw,addr=192.0.2.1\n"
        "25 22 8:1 / /short rw\n"
        "nonsense\n");
    ASSERT_EQ(mounts.size(), 3U);
    EXPECT_EQ(mounts[0].major, 259U);
    EXPECT_EQ(mounts[0].minor, 2U);
    EXPECT_EQ(mounts[0].source, "/dev/nvme0n1p2");
    EXPECT_EQ(mounts[1].point, "/srv/with space");
    EXPECT_EQ(mounts[1].type, "btrfs");
    EXPECT_EQ(mounts[2].options, "rw,addr=192.0.2.1");
}

TEST(MountTable, FindsTheMountOfAPath)
{
    const std::vector<Mount> mounts{{8, 1, "/", "ext4", "a", ""},
                                    {8, 2, "/var", "ext4", "b", ""},
                                    {8, 3, "/var", "xfs", "c", ""},
                                    {8, 4, "/variable", "ext4", "d", ""}};
    EXPECT_EQ(mount_of(mounts, "/var/lib/x")->source, "c") << "the later one hides the other";
    EXPECT_EQ(mount_of(mounts, "/var")->source, "c");
    EXPECT_EQ(mount_of(mounts, "/variables")->source, "a");
    EXPECT_EQ(mount_of({}, "/"), nullptr);
    EXPECT_EQ(mounted_at(mounts, "/var")->source, "c");
    EXPECT_EQ(mounted_at(mounts, "/usr"), nullptr);
}

TEST(MountTable, ReadsFstabAndSwaps)
{
    const auto entries = parse_fstab(
        "# comment\n\nUUID=1-2  /  ext4\tdefaults 0 1\n  #x y z\nLABEL=a\\040b none swap sw 0 0\nbad line\n");
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].source, "UUID=1-2");
    EXPECT_EQ(entries[0].point, "/");
    EXPECT_EQ(entries[1].source, "LABEL=a b");
    EXPECT_EQ(parse_swaps("Filename\t\t\tType\t\tSize\n/dev/dm-1  partition\t1\n/swap\\040file file\t1\n"),
              (std::vector<std::string>{"/dev/dm-1", "/swap file"}));
}

} // namespace
} // namespace vfio_early::test
