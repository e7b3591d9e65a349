// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/boot_command_line.hpp"
#include "early/needs/root_chain.hpp"
#include "tests/support/fixture_blocks.hpp"

#include <gtest/gtest.h>

#include <map>

namespace vfio_early::test {
namespace {

constexpr Ids port{0x8086, 0x0001, 0, 0, 0x060400};
constexpr Ids disk_ids{0x144d, 0xa80a, 0x144d, 0xa801, 0x010802};

const std::string nvme_way = "pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0";
const std::string sata_way = "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0";
const std::string other_sata_way = "pci0000:00/0000:00:1e.0/ata1/host1/target1:0:0/1:0:0:0";

/// Tags as a test says: "UUID=1" to "sda1".
class MapTags final : public BlockTags {
public:
    std::map<std::string, std::vector<std::string>> devices;
    std::vector<std::string> find(std::string_view tag, std::string_view value, std::string_view type) const override
    {
        const auto found =
            devices.find(std::string(type) + (type.empty() ? "" : " ") + std::string(tag) + "=" + std::string(value));
        return found == devices.end() ? std::vector<std::string>() : found->second;
    }
};

/// An NVMe drive behind a root port and two SATA controllers, each with a partitioned disk.
class RootChain : public testing::Test {
protected:
    RootChain()
    {
        make_function(tree, {"pci0000:00/0000:00:01.0", port, 0, "pcieport", 1});
        make_function(tree, {"pci0000:00/0000:00:01.0/0000:01:00.0", disk_ids, 1, "nvme"});
        make_function(tree, {"pci0000:00/0000:00:1f.2", disk_ids, 2, "ahci"});
        make_function(tree, {"pci0000:00/0000:00:1e.0", disk_ids, 3, "ahci"});
        blocks.make_disk("nvme0n1", nvme_way);
        nvme_part = blocks.make_partition("nvme0n1p2", nvme_way, "nvme0n1", 2);
        blocks.make_disk("sda", sata_way);
        sata_part = blocks.make_partition("sda1", sata_way, "sda", 1);
        blocks.make_disk("sdb", other_sata_way);
        other_sata_part = blocks.make_partition("sdb1", other_sata_way, "sdb", 1);
    }

    /// "0000:01:00.0 / is on nvme0n1p2", a line each.
    std::string found() const
    {
        const Root root = tree.root();
        const BootRequest request = parse_boot_request(boot_command_line(root).value_or(""));
        const NeededFunctions needed = functions_behind_root(root, request, &tags);
        std::string text;
        for (const NeededFunction& function : needed.functions)
            text += function.address.text() + " " + function.what + "\n";
        if (!needed.root_unknown.empty())
            text += "unknown: " + needed.root_unknown + "\n";
        return text;
    }

    FixtureTree tree;
    FixtureBlocks blocks{tree};
    MapTags tags;
    std::string nvme_part;
    std::string sata_part;
    std::string other_sata_part;
};

TEST_F(RootChain, APartitionOfADisk)
{
    blocks.mount(nvme_part, "/", "ext4", "/dev/nvme0n1p2");
    blocks.mount(sata_part, "/home", "ext4", "/dev/sda1");
    blocks.mount(sata_part, "/home/guests", "ext4", "/dev/sda1"); // a bind mount of it says nothing new
    EXPECT_EQ(found(), "0000:00:1f.2 /home is on sda1\n0000:01:00.0 / is on nvme0n1p2\n")
        << "the bridge above is left out";
}

TEST_F(RootChain, LvmOverLuksOverMdOnTwoControllers)
{
    blocks.make_stack("md0", {"sda1", "sdb1"});
    blocks.make_stack("dm-0", {"md0"}, "crypt");
    const std::string volume = blocks.make_stack("dm-1", {"dm-0"}, "vg-root");
    blocks.mount(volume, "/", "xfs", "/dev/mapper/vg-root");
    EXPECT_EQ(found(), "0000:00:1e.0 / is on vg-root over sdb1\n0000:00:1f.2 / is on vg-root over sda1\n");
}

TEST_F(RootChain, PartitionsOfAnArray)
{
    blocks.make_stack("md0", {"sda", "sdb"});
    const std::string part = blocks.make_partition("md0p1", "virtual", "md0", 1);
    blocks.mount(part, "/boot", "ext4", "/dev/md0p1");
    blocks.mount(nvme_part, "/", "ext4", "/dev/nvme0n1p2");
    EXPECT_EQ(found(), "0000:00:1e.0 /boot is on md0p1 over sdb\n0000:00:1f.2 /boot is on md0p1 over sda\n"
                       "0000:01:00.0 / is on nvme0n1p2\n");
}

TEST_F(RootChain, BtrfsWithSeveralDevices)
{
    tree.make_link("sys/fs/btrfs/11-22/devices/sda1", "../../../../block/sda/sda1");
    tree.make_link("sys/fs/btrfs/11-22/devices/nvme0n1p2", "../../../../block/nvme0n1/nvme0n1p2");
    tree.make_dir("sys/fs/btrfs/features");
    blocks.mount("0:30", "/", "btrfs", "/dev/sda1");
    EXPECT_EQ(found(), "0000:00:1f.2 / is on sda1\n0000:01:00.0 / is on nvme0n1p2\n");
}

TEST_F(RootChain, BcacheLoopAndBcachefs)
{
    const std::string cached = blocks.make_stack("bcache0", {"sda1", "nvme0n1p2"});
    blocks.mount(cached, "/", "ext4", "/dev/bcache0");
    blocks.mount(other_sata_part, "/host", "ext4", "/dev/sdb1");
    const std::string loop = blocks.make_stack("loop0", {});
    tree.make_file("sys/devices/virtual/block/loop0/loop/backing_file", "/host/usr.img\n");
    blocks.mount(loop, "/usr", "squashfs", "/dev/loop0");
    EXPECT_EQ(found(), "0000:00:1e.0 /host is on sdb1\n0000:00:1e.0 /usr is on loop0 over sdb1\n"
                       "0000:00:1f.2 / is on bcache0 over sda1\n"
                       "0000:01:00.0 / is on bcache0 over nvme0n1p2\n");

    FixtureBlocks other(tree);
    other.mount("0:40", "/", "bcachefs", "/dev/sda1:/dev/sdb1");
    EXPECT_EQ(found(), "0000:00:1e.0 / is on sdb1\n0000:00:1f.2 / is on sda1\n");
}

TEST_F(RootChain, ZfsByTheLabelOfItsMembers)
{
    tags.devices["zfs_member LABEL=tank"] = {"sda1", "sdb1"};
    blocks.mount("0:30", "/", "zfs", "tank/ROOT/debian");
    EXPECT_EQ(found(), "0000:00:1e.0 / is on sdb1\n0000:00:1f.2 / is on sda1\n");
}

TEST_F(RootChain, NvmeMultipathHangsFromItsSubsystem)
{
    const std::string subsystem = "virtual/nvme-subsystem/nvme-subsys0";
    tree.make_file("sys/devices/" + subsystem + "/nvme1n1/size", "1\n");
    tree.make_link("sys/devices/" + subsystem + "/nvme0", "../../../pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0");
    tree.make_link("sys/class/block/nvme1n1", "../../devices/" + subsystem + "/nvme1n1");
    tree.make_link("sys/dev/block/259:9", "../../devices/" + subsystem + "/nvme1n1");
    blocks.mount("259:9", "/", "ext4", "/dev/nvme1n1");
    EXPECT_EQ(found(), "0000:01:00.0 / is on nvme1n1\n");
}

TEST_F(RootChain, BehindVmdBothFunctionsAreNeeded)
{
    make_function(tree, {"pci0000:00/0000:00:0e.0", disk_ids, 5, "vmd"});
    const std::string below = "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0";
    make_function(tree, {below, port, -1, "pcieport", 1});
    make_function(tree, {below + "/10000:e1:00.0", disk_ids, 5, "nvme"});
    const std::string device = blocks.make_disk("nvme2n1", below + "/10000:e1:00.0/nvme/nvme2");
    blocks.mount(device, "/", "ext4", "/dev/nvme2n1");
    EXPECT_EQ(found(), "0000:00:0e.0 / is on nvme2n1\n10000:e1:00.0 / is on nvme2n1\n");
}

TEST_F(RootChain, SwapAndResume)
{
    blocks.mount(nvme_part, "/", "ext4", "/dev/nvme0n1p2");
    tree.make_file("proc/swaps", "Filename Type Size\n/dev/sda1 partition 1 0 -2\n/swapfile file 1 0 -3\n");
    tree.make_file("sys/power/resume", other_sata_part + "\n");
    EXPECT_EQ(found(), "0000:00:1e.0 the resume device is on sdb1\n0000:00:1f.2 swap is on sda1\n"
                       "0000:01:00.0 / is on nvme0n1p2\n0000:01:00.0 swap (/swapfile) is on nvme0n1p2\n");
}

TEST_F(RootChain, TagsOfTheCommandLineBeforeAnythingIsMounted)
{
    blocks.mount("0:1", "/", "rootfs", "rootfs");
    tags.devices = {{"UUID=11-22", {"nvme0n1p2"}}, {"PARTUUID=33", {"sda1"}}, {"UUID=44", {"sdb1"}}};
    tree.make_file("proc/cmdline", "root=UUID=11-22 resume=/dev/disk/by-partuuid/33 rd.luks.uuid=luks-44 quiet\n");
    EXPECT_EQ(found(), "0000:00:1e.0 a disk to unlock at boot is on sdb1\n0000:00:1f.2 the resume device is on sda1\n"
                       "0000:01:00.0 / is on nvme0n1p2\n");
}

TEST_F(RootChain, FstabTellsOfWhatIsNotMountedNow)
{
    blocks.mount(nvme_part, "/", "ext4", "/dev/nvme0n1p2");
    tags.devices = {{"LABEL=EFI", {"sda1"}}};
    tree.make_file("etc/fstab",
                   "LABEL=EFI /boot/efi vfat umask=0077 0 1\n/dev/sdb1 none swap sw 0 0\n/dev/none /usr ext4\n");
    EXPECT_EQ(found(),
              "0000:00:1e.0 swap is on sdb1\n0000:00:1f.2 /boot/efi is on sda1\n0000:01:00.0 / is on nvme0n1p2\n");
    tree.make_file("etc/fstab", "LABEL=EFI /var/log ext4 defaults\n/dev/sdb1 /backup ext4 rw,nofail\n"
                                "/dev/sdb1 /media ext4 noauto,user\n");
    EXPECT_EQ(found(), "0000:00:1f.2 /var/log is on sda1\n0000:01:00.0 / is on nvme0n1p2\n")
        << "what the boot does not wait for can be missed";
}

TEST_F(RootChain, AContainerTellsNothing)
{
    blocks.mount("0:50", "/", "overlay", "overlay");
    EXPECT_EQ(found(), "unknown: / is overlay (overlay), whose disks are not known\n");

    FixtureBlocks chroot(tree);
    chroot.mount("0:5", "/proc", "proc", "proc");
    EXPECT_EQ(found(), "unknown: / is not a mount point here (a chroot?)\n");
}

TEST_F(RootChain, ACircleEnds)
{
    blocks.make_stack("dm-5", {"dm-6"});
    const std::string device = blocks.make_stack("dm-6", {"dm-5"});
    blocks.mount(device, "/", "ext4", "/dev/dm-6");
    EXPECT_EQ(found(), "unknown: / is ext4 (/dev/dm-6), whose disks are not known\n");
}

} // namespace
} // namespace vfio_early::test
