// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/device_settings.hpp"
#include "early/act/sysfs_kernel.hpp"
#include "tests/support/fixture_pci.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace vfio_early::test {
namespace {

constexpr Ids nic{0x8086, 0x10d3, 0x8086, 0, 0x020000};
const Address here = *parse_address("00:02.0");
const std::string device = "sys/devices/pci0000:00/0000:00:02.0";

class SysfsKernelTest : public testing::Test {
protected:
    SysfsKernelTest()
    {
        make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2, "e1000e"});
        tree.make_file("sys/bus/pci/drivers/e1000e/unbind");
        tree.make_file("sys/bus/pci/drivers/vfio-pci/bind");
        tree.make_file("sys/bus/pci/drivers_probe");
    }

    Result<void> apply(const std::string& text, DeviceSetting::Kind kind, unsigned bar = 0, std::uint64_t bytes = 0)
    {
        return kernel.apply(here, {kind, bar, bytes, text});
    }

    FixtureTree tree;
    Root root = tree.root();
    PciDirectories directories{root};
    SysfsKernel kernel{directories};
};

TEST_F(SysfsKernelTest, EachEffectIsOneAttribute)
{
    tree.make_file(device + "/driver_override");
    EXPECT_TRUE(kernel.set_override(here, "vfio-pci"));
    EXPECT_EQ(tree.content(device + "/driver_override"), "vfio-pci\n");
    tree.make_file(device + "/driver_override");
    EXPECT_TRUE(kernel.set_override(here, ""));
    EXPECT_EQ(tree.content(device + "/driver_override"), "\n");
    EXPECT_TRUE(kernel.unbind(here, "e1000e"));
    EXPECT_EQ(tree.content("sys/bus/pci/drivers/e1000e/unbind"), "0000:00:02.0");
    EXPECT_TRUE(kernel.probe(here));
    EXPECT_EQ(tree.content("sys/bus/pci/drivers_probe"), "0000:00:02.0");
    EXPECT_TRUE(kernel.bind(here, "vfio-pci"));
    EXPECT_EQ(tree.content("sys/bus/pci/drivers/vfio-pci/bind"), "0000:00:02.0");
    EXPECT_EQ(kernel.bind(here, "none").error().code, ENOENT);
}

TEST_F(SysfsKernelTest, TakesTheFirmwaresFramebufferFromItsDriver)
{
    const std::string name = "efi-framebuffer.0";
    const std::string framebuffer = "sys/bus/platform/devices/" + name;
    tree.make_file(device + "/resource", "0x00000000c0000000 0x00000000c0ffffff 0x0000000000042208\n");
    tree.make_file("proc/iomem", "c0000000-c0ffffff : 0000:00:02.0\n");
    EXPECT_EQ(kernel.evict_framebuffer(here, name).error().code, ENOENT) << "there is no such device";
    tree.make_file(framebuffer + "/driver_override");
    EXPECT_TRUE(kernel.evict_framebuffer(here, name)) << "it has no driver, and gets none";
    EXPECT_EQ(tree.content(framebuffer + "/driver_override"), "vfio-early\n");
    tree.make_dir(framebuffer + "/driver");
    EXPECT_EQ(kernel.evict_framebuffer(here, name).error().code, ENOENT) << "it cannot be unbound";
    tree.make_file(framebuffer + "/driver/unbind");
    EXPECT_TRUE(kernel.evict_framebuffer(here, name));
    EXPECT_EQ(tree.content(framebuffer + "/driver/unbind"), name);
    tree.make_file("proc/iomem", "c0000000-c0ffffff : 0000:00:02.0\n  c0000000-c03fffff : efifb\n");
    EXPECT_EQ(kernel.evict_framebuffer(here, name).error().detail, "a program has /dev/fb0 open");
    tree.make_file("proc/iomem", "d0000000-d03fffff : efifb\n");
    EXPECT_TRUE(kernel.evict_framebuffer(here, name)) << "that is another's";
}

TEST_F(SysfsKernelTest, TellsTheDriverFromNoneAndFromNoFunction)
{
    EXPECT_EQ(kernel.bound_driver(here).value(), "e1000e");
    ASSERT_TRUE(root.remove_file(device + "/driver"));
    EXPECT_EQ(kernel.bound_driver(here).value(), "");
    EXPECT_EQ(kernel.bound_driver(*parse_address("00:03.0")).error().code, ENODEV);
}

TEST_F(SysfsKernelTest, SaysThatAKernelHasNoOverride)
{
    ASSERT_TRUE(root.remove_file(device + "/driver_override"));
    const auto written = kernel.set_override(here, "vfio-pci");
    EXPECT_EQ(written.error().code, EOPNOTSUPP);
    EXPECT_EQ(written.error().detail, "this kernel has no driver_override");
    EXPECT_EQ(kernel.set_override(*parse_address("00:03.0"), "vfio-pci").error().code, ENOENT);
}

TEST_F(SysfsKernelTest, WritesSettings)
{
    tree.make_file(device + "/reset_method");
    tree.make_file(device + "/d3cold_allowed");
    tree.make_file(device + "/power/control");
    EXPECT_TRUE(apply("flr bus", DeviceSetting::Kind::reset));
    EXPECT_EQ(tree.content(device + "/reset_method"), "flr bus");
    EXPECT_TRUE(apply("off", DeviceSetting::Kind::d3cold));
    EXPECT_EQ(tree.content(device + "/d3cold_allowed"), "0");
    EXPECT_TRUE(apply("on", DeviceSetting::Kind::power));
    EXPECT_EQ(tree.content(device + "/power/control"), "on");
    ASSERT_TRUE(root.remove_file(device + "/reset_method"));
    EXPECT_EQ(apply("flr", DeviceSetting::Kind::reset).error().code, EOPNOTSUPP);
}

TEST_F(SysfsKernelTest, ResizesABarToASizeThatIsOffered)
{
    constexpr std::uint64_t mebibyte = 1U << 20U;
    const std::string resize = device + "/resource1_resize";
    tree.make_file(device + "/resource", "0x0 0x0 0x0\n0x0000000080000000 0x0000000083ffffff 0x14220c\n");
    EXPECT_EQ(apply("64M", DeviceSetting::Kind::rebar, 1, 64 * mebibyte).error().code, EOPNOTSUPP);

    tree.make_file(resize, "00000000000001c0\n"); // 64, 128 and 256 MiB
    EXPECT_TRUE(apply("64M", DeviceSetting::Kind::rebar, 1, 64 * mebibyte));
    EXPECT_EQ(tree.content(resize), "00000000000001c0\n") << "it has that size already";
    EXPECT_TRUE(apply("256M", DeviceSetting::Kind::rebar, 1, 256 * mebibyte));
    EXPECT_EQ(tree.content(resize), "80000000000001c0\n") << "8 stands for 256 MiB";

    tree.make_file(resize, "00000000000001c0\n");
    const auto refused = apply("1G", DeviceSetting::Kind::rebar, 1, 1024 * mebibyte);
    EXPECT_EQ(refused.error().code, EOPNOTSUPP);
    EXPECT_EQ(refused.error().detail, "the BAR can be of 64 128 256 MiB");
    EXPECT_EQ(tree.content(resize), "00000000000001c0\n");
}

TEST(DeviceSettings, BitsOfBarSizes)
{
    EXPECT_EQ(rebar_bit(1U << 20U), 0);
    EXPECT_EQ(rebar_bit(256U << 20U), 8);
    EXPECT_EQ(rebar_bit(1U << 19U), -1);
    EXPECT_EQ(rebar_bit(3U << 20U), -1);
    EXPECT_EQ(rebar_bit(0), -1);
}

TEST_F(SysfsKernelTest, WithoutAModuleTreeWhatRunsCountsAsLoaded)
{
    EXPECT_EQ(kernel.load_module("vfio", "").error().code, ENOENT);
    tree.make_dir("sys/module/vfio");
    EXPECT_TRUE(kernel.load_module("vfio", ""));
    EXPECT_TRUE(kernel.load_module("vfio-pci", "")) << "its driver is registered";
}

TEST_F(SysfsKernelTest, VirtualFunctionsAreTwoAttributes)
{
    EXPECT_EQ(kernel.create_vfs(here, 4).error().code, ENOENT);
    EXPECT_EQ(kernel.let_vfs_probe(here, false).error().code, ENOENT);
    tree.make_file(device + "/sriov_numvfs");
    EXPECT_TRUE(kernel.create_vfs(here, 4));
    EXPECT_EQ(tree.content(device + "/sriov_numvfs"), "4\n");
    tree.make_file(device + "/sriov_drivers_autoprobe", "1\n");
    EXPECT_EQ(kernel.let_vfs_probe(here, false).value(), true);
    EXPECT_EQ(tree.content(device + "/sriov_drivers_autoprobe"), "0\n");
    EXPECT_EQ(kernel.let_vfs_probe(here, true).value(), false);
    EXPECT_EQ(tree.content(device + "/sriov_drivers_autoprobe"), "1\n");
}

TEST_F(SysfsKernelTest, AsksVfioOnlyOfTheRunningKernel)
{
    tree.make_dir("sys/class/vfio-dev");
    tree.make_dir("sys/class/vfio/2");
    EXPECT_EQ(kernel.group_viable(2).value(), std::nullopt);
}

TEST_F(SysfsKernelTest, WithoutGroupsOfVfioTheDriversOfTheMembersTell)
{
    const auto join_group = [&](const std::string& address, const std::string& driver) {
        make_function(tree, {"pci0000:00/" + address, nic, 2, driver});
    };
    EXPECT_EQ(kernel.group_viable(2).value(), std::nullopt) << "VFIO is not there";
    tree.make_dir("sys/class/vfio-dev");
    EXPECT_EQ(kernel.group_viable(2).value(), false) << "e1000e has it";
    tree.make_dir(device + "/vfio-dev/vfio0");
    EXPECT_EQ(kernel.group_viable(2).value(), true) << "its driver is one of VFIO";
    join_group("0000:00:03.0", "");
    EXPECT_EQ(kernel.group_viable(2).value(), true) << "a member without a driver does no harm";
    join_group("0000:00:04.0", "pcieport");
    join_group("0000:00:05.0", "pci-stub");
    EXPECT_EQ(kernel.group_viable(2).value(), true) << "those do no DMA for the host";
    join_group("0000:00:06.0", "e1000e");
    EXPECT_EQ(kernel.group_viable(2).value(), false);
    EXPECT_EQ(kernel.group_viable(3).error().code, ENOENT);
}

} // namespace
} // namespace vfio_early::test
