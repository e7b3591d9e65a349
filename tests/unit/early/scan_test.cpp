// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/scan.hpp"
#include "tests/support/fixture_pci.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace vfio_early::test {
namespace {

constexpr Ids port{0x8086, 0x0001, 0, 0, 0x060400};
constexpr Ids card{0x10de, 0x128b, 0x1458, 0x36f6, 0x030000};
constexpr Ids nic{0x8086, 0x10d3, 0x8086, 0, 0x020000};

void make_machine(FixtureTree& tree)
{
    make_function(tree, {"pci0000:00/0000:00:01.0", port, 0, "pcieport", 1});
    const FixtureFunction gpu{"pci0000:00/0000:00:01.0/0000:01:00.0", card, 1, "", 0, "vfio-pci"};
    make_function(tree, gpu);
    tree.make_file(gpu.directory() + "/boot_vga", "1\n");
    tree.make_file(gpu.directory() + "/resource", "0x00000000f6000000 0x00000000f6ffffff 0x0000000000040200\n"
                                                  "0x00000000d0000000 0x00000000d7ffffff 0x000000000014220c\n"
                                                  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
                                                  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
                                                  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
                                                  "0x000000000000e000 0x000000000000e07f 0x0000000000040101\n"
                                                  "0x00000000f7000000 0x00000000f707ffff 0x0000000000046200\n");
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2, "e1000e"});
    tree.make_file("sys/devices/pci0000:00/0000:00:02.0/sriov_numvfs", "4\n");
    tree.make_file("sys/devices/pci0000:00/0000:00:02.0/sriov_totalvfs", "7\n");
    make_function(tree, {"pci0000:00/0000:00:02.1", nic});
    tree.make_link("sys/devices/pci0000:00/0000:00:02.1/physfn", "../0000:00:02.0");
    tree.make_file("proc/iomem", "d0000000-d02fffff : BOOTFB\n");
}

const Function& find(const Machine& machine, const char* address)
{
    const Function* function = machine.find(parse_address(address).value());
    if (function == nullptr)
        throw std::runtime_error(std::string("not scanned: ") + address);
    return *function;
}

TEST(Scan, TakesThePathFromANeighbourOnTheBusOnlyWhereThatHasOne)
{
    FixtureTree tree;
    make_machine(tree);
    tree.make_file("sys/bus/pci/devices/0000:05:00.0/uevent", "PCI_CLASS=20000\nPCI_ID=8086:10D3\n"); // no link
    make_function(tree, {"pci0000:00/0000:00:03.0/0000:05:00.1", nic});
    make_function(tree, {"pci0000:00/0000:00:03.0/0000:05:01.2", nic});
    const auto scanned = scan_pci(tree.root());
    ASSERT_TRUE(scanned);
    EXPECT_EQ(find(*scanned, "05:00.0").path, Path());
    EXPECT_EQ(find(*scanned, "05:00.1").path.text(), "0000:00:03.0/00.1");
    EXPECT_EQ(find(*scanned, "05:01.2").path.text(), "0000:00:03.0/01.2");
    EXPECT_EQ(find(*scanned, "00:02.1").path.text(), "0000:00:02.1");
}

TEST(Scan, ReadsEachFunctionWithItsLinks)
{
    FixtureTree tree;
    make_machine(tree);
    const Root root = tree.root();
    const auto scanned = scan_pci(root);
    ASSERT_TRUE(scanned);
    ASSERT_EQ(scanned->functions.size(), 4U);
    EXPECT_TRUE(std::ranges::is_sorted(scanned->functions, {}, &Function::address));

    const Function& gpu = find(*scanned, "01:00.0");
    EXPECT_EQ(gpu.ids, card);
    EXPECT_EQ(gpu.path.text(), "0000:00:01.0/00.0");
    EXPECT_EQ(gpu.group, 1U);
    EXPECT_EQ(gpu.driver, "");
    EXPECT_EQ(gpu.driver_override, "vfio-pci");
    EXPECT_TRUE(gpu.boot_vga);
    const std::vector<MemoryRange> bars{{0xf6000000, 0xf6ffffff}, {0xd0000000, 0xd7ffffff}};
    EXPECT_EQ(gpu.memory, bars) << "neither the I/O ports nor the ROM";
    EXPECT_TRUE(scanned->holds_firmware_framebuffer(gpu));

    const Function& bridge = find(*scanned, "00:01.0");
    EXPECT_EQ(bridge.header_type, 1);
    EXPECT_EQ(bridge.driver, "pcieport");
    EXPECT_EQ(bridge.driver_override, "") << "(null) is the kernel's word for none";

    EXPECT_EQ(find(*scanned, "00:02.0").vfs_enabled, 1U) << "as many as there are";
    EXPECT_EQ(find(*scanned, "00:02.0").vfs_possible, 0U) << "nobody asked";
    EXPECT_EQ(find(*scan_pci(root, {.vfs = true}), "00:02.0").vfs_possible, 7U);
    EXPECT_FALSE(find(*scanned, "00:02.0").virtual_function);
    EXPECT_TRUE(find(*scanned, "00:02.1").virtual_function);
    EXPECT_EQ(find(*scanned, "00:02.1").physical_function, parse_address("00:02.0"));
    EXPECT_EQ(find(*scanned, "00:02.1").group, std::nullopt);
}

TEST(Scan, KnowsABridgeByItsClassWithoutItsRegisters)
{
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:01.0", port, 0, "pcieport", 0});
    const Root root = tree.root();
    EXPECT_EQ(scan_pci(root)->functions.front().header_type, 1);
}

TEST(Scan, FindsTheDeviceOfTheFirmwaresFramebuffer)
{
    constexpr Ids display{0x1002, 0x1586, 0x1458, 1, 0x038000};
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2});
    tree.make_link("sys/bus/platform/devices/efi-framebuffer.0", "../../../devices/platform/efi-framebuffer.0");
    tree.make_link("sys/bus/platform/devices/pcspkr", "../../../devices/platform/pcspkr");
    const Root root = tree.root();
    EXPECT_FALSE(scan_pci(root)->framebuffer_device) << "there is no display";
    make_function(tree, {"pci0000:00/0000:00:03.0", display, 3});
    const auto without_parent = scan_pci(root)->framebuffer_device;
    ASSERT_TRUE(without_parent);
    EXPECT_EQ(without_parent->name, "efi-framebuffer.0");
    EXPECT_FALSE(without_parent->parent);
    ASSERT_TRUE(root.remove_file("sys/bus/platform/devices/efi-framebuffer.0"));
    tree.make_link("sys/bus/platform/devices/simple-framebuffer.0",
                   "../../../devices/pci0000:00/0000:00:03.0/simple-framebuffer.0");
    EXPECT_EQ(scan_pci(root)->framebuffer_device->parent, parse_address("00:03.0"));
}

TEST(Scan, ReadsSerialsOnlyWhenAsked)
{
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2});
    std::string config = config_header(nic, 0);
    config.resize(4096);
    config.replace(0x100, 12, std::string("\x03\x00\x01\x00\x55\x44\x33\xff\xff\x22\x11\x00", 12));
    tree.make_file("sys/devices/pci0000:00/0000:00:02.0/config", config);
    const Root root = tree.root();
    EXPECT_EQ(scan_pci(root)->functions.front().serial, std::nullopt);
    EXPECT_EQ(scan_pci(root, {.serials = true})->functions.front().serial, 0x001122ffff334455U);
}

TEST(Scan, LeavesOutWhatGoesAway)
{
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2});
    tree.make_link("sys/bus/pci/devices/0000:00:03.0", "../../../devices/pci0000:00/0000:00:03.0");
    tree.make_dir("sys/devices/pci0000:00/0000:00:04.0");
    tree.make_link("sys/bus/pci/devices/0000:00:04.0", "../../../devices/pci0000:00/0000:00:04.0");
    tree.make_file("sys/bus/pci/devices/not-an-address");
    const Root root = tree.root();
    const auto scanned = scan_pci(root);
    ASSERT_TRUE(scanned);
    EXPECT_EQ(scanned->functions.size(), 1U);
}

TEST(Scan, FindsMembersOfAGroupThatAreNoPciFunctions)
{
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2});
    tree.make_link("sys/kernel/iommu_groups/2/devices/a003e00.dma", "../../../../devices/platform/a003e00.dma");
    tree.make_link("sys/devices/platform/a003e00.dma/driver", "../../../bus/platform/drivers/dma");
    tree.make_link("sys/kernel/iommu_groups/3/devices/other", "../../../../devices/platform/other");
    const Machine machine = scan_pci(tree.root()).value();
    ASSERT_EQ(machine.other_members.size(), 1U);
    ASSERT_EQ(machine.other_members.at(2).size(), 1U);
    EXPECT_EQ(machine.other_members.at(2)[0].name, "a003e00.dma");
    EXPECT_EQ(machine.other_members.at(2)[0].driver, "dma");
}

TEST(Scan, FailsWithoutSysfs)
{
    const FixtureTree tree;
    EXPECT_EQ(scan_pci(tree.root()).error().code, ENOENT);
}

TEST(Scan, TellsWhetherTheKernelDrivesAnIommu)
{
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2});
    tree.make_dir("sys/class/iommu");
    EXPECT_FALSE(scan_pci(tree.root()).value().iommu_registered);
    tree.make_dir("sys/class/iommu/smmu3.0x0000000009050000");
    EXPECT_TRUE(scan_pci(tree.root()).value().iommu_registered);
}

} // namespace
} // namespace vfio_early::test
