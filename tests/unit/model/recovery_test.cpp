// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/recovery.hpp"

#include "early/model/boot_request.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using namespace std::chrono_literals;

RootSource root_of(const char* command_line)
{
    return parse_boot_request(command_line).root;
}

TEST(RootSource, IsTheFileThatUdevLinksForTheDevice)
{
    EXPECT_EQ(root_of("quiet root=/dev/mapper/vg-root ro").device, "dev/mapper/vg-root");
    EXPECT_EQ(root_of("root=UUID=1234-abcd").device, "dev/disk/by-uuid/1234-abcd");
    EXPECT_EQ(root_of("root=\"LABEL=my root\"").device, "dev/disk/by-label/my\\x20root");
    EXPECT_EQ(root_of("root=LABEL=a/b").device, "dev/disk/by-label/a\\x2fb");
    EXPECT_EQ(root_of("root=PARTUUID=12-02").device, "dev/disk/by-partuuid/12-02");
    EXPECT_EQ(root_of("root=PARTLABEL=root").device, "dev/disk/by-partlabel/root");
    EXPECT_EQ(root_of("root=block:/dev/sda1").device, "dev/sda1");
    EXPECT_EQ(root_of("root=/dev/sda1 root=/dev/sdb1").device, "dev/sdb1");
}

TEST(RootSource, IsTheNetworkForSharesAndNetworkDisks)
{
    for (const char* line :
         {"root=/dev/nfs", "nfsroot=10.0.0.1:/srv", "root=nfs:10.0.0.1:/srv", "netroot=iscsi:@10.0.0.1",
          "root=UUID=1 iscsi_initiator=iqn.a", "root=UUID=1 ISCSI_INITIATOR=iqn.a", "nbdroot=10.0.0.1,x",
          "root=UUID=1 rd.iscsi.target.ip=10.0.0.1", "root=/dev/nbd0", "root=live:http://10.0.0.1/x"})
        EXPECT_NE(root_of(line).network_word, "") << line;
    EXPECT_EQ(root_of("root=/dev/nfs").device, "");
    EXPECT_EQ(root_of("root=/dev/nvme0n1p2 ip=dhcp").network_word, "");
    EXPECT_EQ(root_of("root=/dev/nfs root=/dev/sda1").network_word, "") << "the last one counts";
}

TEST(RootSource, IsUnknownForWhatIsNeither)
{
    const RootSource source = root_of("root=ZFS=rpool/root");
    EXPECT_EQ(source.device, "");
    EXPECT_EQ(source.network_word, "");
}

TEST(RootSource, CanBeReadFromAMountUnit)
{
    EXPECT_EQ(device_of_mount_unit("[Mount]\nWhere=/sysroot\nWhat=/dev/disk/by-uuid/12\n"), "dev/disk/by-uuid/12");
    EXPECT_EQ(device_of_mount_unit("[Mount]\nWhat=10.0.0.1:/srv\n"), "");
    EXPECT_EQ(device_of_mount_unit(""), "");
}

TEST(RootIsMounted, WhereAnInitramfsPutsIt)
{
    EXPECT_FALSE(root_is_mounted("rootfs / rootfs rw 0 0\nsysfs /sys sysfs rw 0 0\n"));
    EXPECT_TRUE(root_is_mounted("rootfs / rootfs rw 0 0\n/dev/sda1 /sysroot ext4 ro 0 0\n"));
    EXPECT_TRUE(root_is_mounted("10.0.0.1:/srv /root nfs ro 0 0\n"));
    EXPECT_FALSE(root_is_mounted(""));
    EXPECT_FALSE(root_is_mounted("/sysroot\n \n"));
}

TEST(Recovery, ComesAtTheEndOfTheGrace)
{
    EXPECT_FALSE(is_time_to_recover({.waited = 9999ms}));
    EXPECT_TRUE(is_time_to_recover({.waited = 10000ms}));
    EXPECT_FALSE(is_time_to_recover({.waited = 10s, .grace = 11s}));
}

TEST(Recovery, ComesAtOnceWhenNobodyWillLookAgain)
{
    EXPECT_TRUE(is_time_to_recover({.last = true}));
}

TEST(Recovery, IsPatientWhileTheNetworkMayYetCome)
{
    EXPECT_FALSE(is_time_to_recover({.waited = 29s, .network = true, .interfaces = true}));
    EXPECT_TRUE(is_time_to_recover({.waited = 30s, .network = true, .interfaces = true}));
    EXPECT_TRUE(is_time_to_recover({.waited = 10s, .network = true, .interfaces = false}));
}

TEST(Recovery, IsPatientWhereItIsNotKnownWhatIsMissing)
{
    EXPECT_FALSE(is_time_to_recover({.waited = 29s, .known = false}));
    EXPECT_TRUE(is_time_to_recover({.waited = 30s, .known = false}));
    EXPECT_TRUE(is_time_to_recover({.waited = 10s, .known = false, .network = true, .interfaces = false}));
}

} // namespace
} // namespace vfio_early
