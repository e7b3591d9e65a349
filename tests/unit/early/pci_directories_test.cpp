// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/sysfs_kernel.hpp"
#include "early/machine/pci_directories.hpp"
#include "early/machine/scan.hpp"
#include "tests/support/fixture_pci.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <sys/resource.h>
#include <unistd.h>

namespace vfio_early::test {
namespace {

constexpr Ids nic{0x8086, 0x10d3, 0x8086, 0, 0x020000};
constexpr Ids disk{0x144d, 0xa808, 0x144d, 0, 0x010802};
const Address here = *parse_address("00:02.0");

TEST(PciDirectories, WritesToWhatWasLookedAtOnly)
{
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2, "e1000e"});
    const Root root = tree.root();
    PciDirectories directories(root);
    SysfsKernel kernel(directories);
    EXPECT_EQ(kernel.bound_driver(here).value(), "e1000e");

    // The card is taken out, and another one put in.
    std::filesystem::remove_all(tree.path("sys/devices/pci0000:00/0000:00:02.0"));
    std::filesystem::remove(tree.path("sys/bus/pci/devices/0000:00:02.0"));
    make_function(tree, {"pci0000:00/0000:00:02.0", disk, 3, "nvme"});
    EXPECT_FALSE(kernel.set_override(here, "vfio-pci"));
    EXPECT_EQ(tree.content("sys/devices/pci0000:00/0000:00:02.0/driver_override"), "(null)\n");
    EXPECT_EQ(kernel.bound_driver(here).value(), "") << "of the card that was taken out";

    PciDirectories anew(root);
    EXPECT_EQ(SysfsKernel(anew).bound_driver(here).value(), "nvme");
}

TEST(PciDirectories, EachScanReadsWhatIsThereNow)
{
    FixtureTree tree;
    make_function(tree, {"pci0000:00/0000:00:02.0", nic, 2});
    const Root root = tree.root();
    PciDirectories directories(root);
    SysfsKernel kernel(directories);
    for (const std::string driver : {"", "pci-stub", "vfio-pci"}) {
        if (!driver.empty()) {
            EXPECT_TRUE(kernel.set_override(here, driver));
        }
        const auto machine = scan_pci(directories);
        ASSERT_TRUE(machine);
        EXPECT_EQ(machine->functions.front().driver_override, driver);
    }
}

TEST(PciDirectories, ReachesMoreFunctionsThanAProcessMayHaveOpen)
{
    FixtureTree tree;
    std::vector<Address> functions;
    for (unsigned bus = 0; bus < 8; ++bus) {
        for (unsigned slot = 0; slot < 256; ++slot) {
            functions.push_back({0, static_cast<std::uint8_t>(bus), static_cast<std::uint8_t>(slot / 8),
                                 static_cast<std::uint8_t>(slot % 8)});
            tree.make_file("sys/bus/pci/devices/" + functions.back().text() + "/driver_override",
                           functions.back().text());
        }
    }
    const Root root = tree.root();
    PciDirectories directories(root);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit usual{1024, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
    for (int round = 0; round < 2; ++round) {
        for (const Address& function : functions) {
            const auto file = directories.driver_override(function);
            ASSERT_TRUE(file) << file.error().message();
            ASSERT_EQ(::lseek((*file)->get(), 0, SEEK_SET), 0); // it may have been read before
            ASSERT_EQ(read_up_to(**file, 100).value(), function.text());
        }
    }
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(directories.driver_override(*parse_address("7f:00.0")).error().code, ENOENT);
}

} // namespace
} // namespace vfio_early::test
