// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/read_block_tags.hpp"
#include "tests/support/fixture_blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vfio_early::test {
namespace {

/// The header of a swap area (union swap_header, include/linux/swap.h), as mkswap(8) writes it.
std::string swap_area(const std::string& label, const std::string& uuid)
{
    constexpr std::size_t page = 4096;
    std::string area(16 * page, '\0');
    area[1024] = 1;  // version
    area[1028] = 15; // last page
    area.replace(1024 + 12, uuid.size(), uuid);
    area.replace(1024 + 28, label.size(), label);
    area.replace(page - 10, 10, "SWAPSPACE2");
    return area;
}

const std::string uuid_bytes("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", 16);

TEST(BlockTags, ReadsWhatIsOnTheDevices)
{
    FixtureTree tree;
    FixtureBlocks blocks(tree);
    blocks.make_disk("sda", "pci0000:00/0000:00:1f.2/ata1");
    blocks.make_disk("sdb", "pci0000:00/0000:00:1f.2/ata2");
    blocks.make_disk("sdc", "pci0000:00/0000:00:1f.2/ata3"); // has no node
    blocks.make_disk("sr0", "pci0000:00/0000:00:1f.2/ata4");
    tree.make_file("dev/sda", swap_area("one", uuid_bytes));
    tree.make_file("dev/sdb", std::string(100'000, 'x'));
    tree.make_file("dev/sr0", swap_area("one", uuid_bytes));
    const Root root = tree.root();
    const auto tags = read_block_tags(root);
    const std::vector<std::string> sda{"sda"};
    EXPECT_EQ(tags->find("LABEL", "one"), sda) << "sr0 may wait for a medium: it is not asked";
    EXPECT_EQ(tags->find("UUID", "01234567-89ab-cdef-0123-456789abcdef"), sda);
    EXPECT_EQ(tags->find("UUID", "01234567-89AB-CDEF-0123-456789ABCDEF"), sda);
    EXPECT_EQ(tags->find("LABEL", "one", "swap"), sda);
    EXPECT_TRUE(tags->find("LABEL", "one", "zfs_member").empty());
    EXPECT_TRUE(tags->find("LABEL", "ONE").empty());
    EXPECT_TRUE(tags->find("LABEL", "").empty());
}

TEST(BlockTags, ReadsPartitionTables)
{
    // A DOS partition table: its PARTUUIDs are the disk's signature and the number.
    std::string disk(std::size_t{4} << 20U, '\0');
    disk.replace(440, 4, std::string("\x78\x56\x34\x12", 4));
    disk.replace(446, 16, std::string("\x00\x00\x02\x00\x83\x00\x20\x00\x01\x00\x00\x00\x80\x00\x00\x00", 16));
    disk.replace(510, 2, "\x55\xaa");
    FixtureTree tree;
    FixtureBlocks blocks(tree);
    const std::string disk_path = "pci0000:00/0000:00:1f.2/ata1";
    blocks.make_disk("sda", disk_path);
    blocks.make_partition("sda1", disk_path, "sda", 1);
    tree.make_file("dev/sda", disk);
    tree.make_file("dev/sda1", swap_area("two", uuid_bytes));
    const Root root = tree.root();
    const auto tags = read_block_tags(root);
    const std::vector<std::string> sda1{"sda1"};
    EXPECT_EQ(tags->find("PARTUUID", "12345678-01"), sda1);
    EXPECT_EQ(tags->find("LABEL", "two"), sda1);
}

} // namespace
} // namespace vfio_early::test
