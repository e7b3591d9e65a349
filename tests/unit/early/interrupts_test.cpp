// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/interrupts.hpp"
#include "tests/support/fixture_tree.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

constexpr const char* plain =
    "           CPU0\n  9:  0   IO-APIC   9-fasteoi   acpi\n 24:  0  PCI-MSI 32768-edge  PCIe PME\n";
constexpr const char* remapped = "           CPU0\n  9:  0  IR-IO-APIC   9-fasteoi   acpi\n"
                                 " 25:  0  PCI-MSI 4096-edge      AMD-Vi\n";
constexpr const char* gic = " 11:  4  GICv3  27 Level  arch_timer\n";

TEST(Interrupts, AreRemappedIfAnyControllerIsCalledSo)
{
    EXPECT_EQ(interrupts_isolated(plain), false);
    EXPECT_EQ(interrupts_isolated(remapped), true) << "the IOMMU's own never are";
    EXPECT_EQ(interrupts_isolated(gic), std::nullopt);
    EXPECT_EQ(interrupts_isolated(""), std::nullopt);
}

TEST(Interrupts, OfArm64AreIsolatedByAnIts)
{
    const std::string timer = gic;
    EXPECT_EQ(interrupts_isolated(timer + " 20:  0  ITS-MSI 16384 Edge  PCIe PME\n"), true) << "Linux 6.1";
    EXPECT_EQ(interrupts_isolated(timer + " 20:  0  ITS-PCI-MSI-0000:00:01.0  0 Edge  PCIe PME\n"), true) << "6.12";
    EXPECT_EQ(interrupts_isolated(timer + " 20:  0  GICv2m-PCI-MSI-0000:00:01.0  0 Edge  PCIe PME\n"), false);
    EXPECT_EQ(interrupts_isolated(timer + " 20:  0  PCI-MSI 524288 Edge  PCIe PME\n"), std::nullopt)
        << "a host bridge's own name, of which x86 means something else";
}

TEST(Interrupts, AreUnsafeUnlessSomebodyHasAllowedThem)
{
    FixtureTree tree;
    const Root root = tree.root();
    EXPECT_FALSE(unsafe_interrupts(root).has_value()) << "nothing is known";
    tree.make_file("proc/interrupts", remapped);
    EXPECT_FALSE(unsafe_interrupts(root).has_value());
    tree.make_file("proc/interrupts", plain);
    EXPECT_TRUE(unsafe_interrupts(root).has_value());
    const std::string parameter = "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
    tree.make_file(parameter, "N\n");
    EXPECT_TRUE(unsafe_interrupts(root).has_value());
    tree.make_file(parameter, "Y\n");
    EXPECT_FALSE(unsafe_interrupts(root).has_value());
    tree.make_file(parameter, "N\n");
    tree.make_file("sys/module/iommufd/parameters/allow_unsafe_interrupts", "Y\n");
    EXPECT_TRUE(unsafe_interrupts(root).has_value()) << "VFIO's containers do not ask iommufd";
}

TEST(Interrupts, WhatIsToBeDoneDependsOnTheMachine)
{
    FixtureTree tree;
    tree.make_file("proc/interrupts", plain);
    EXPECT_TRUE(unsafe_interrupts(tree.root()).value_or("").contains("VT-d"));
    tree.make_file("proc/interrupts", std::string(gic) + " 20:  0  GICv2m-PCI-MSI-0000:00:01.0  0 Edge  PCIe PME\n");
    EXPECT_TRUE(unsafe_interrupts(tree.root()).value_or("").contains("no ITS"));
    EXPECT_FALSE(unsafe_interrupts(tree.root()).value_or("").contains("VT-d"));
}

TEST(Interrupts, AreAllowedByIommufdWhereVfioHasNoContainers)
{
    FixtureTree tree;
    tree.make_file("proc/interrupts", plain);
    tree.make_file("sys/module/iommufd/parameters/allow_unsafe_interrupts", "Y\n");
    EXPECT_FALSE(unsafe_interrupts(tree.root()).has_value());
}

} // namespace
} // namespace vfio_early::test
