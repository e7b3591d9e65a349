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

TEST(Interrupts, AreRemappedIfAnyControllerIsCalledSo)
{
    EXPECT_EQ(interrupts_remapped(plain), false);
    EXPECT_EQ(interrupts_remapped(remapped), true) << "the IOMMU's own never are";
    EXPECT_EQ(interrupts_remapped(" 11:  4  GICv3  27 Level  arch_timer\n"), std::nullopt);
    EXPECT_EQ(interrupts_remapped(""), std::nullopt);
}

TEST(Interrupts, AreUnsafeUnlessSomebodyHasAllowedThem)
{
    FixtureTree tree;
    const Root root = tree.root();
    EXPECT_FALSE(interrupts_unsafe(root)) << "nothing is known";
    tree.make_file("proc/interrupts", remapped);
    EXPECT_FALSE(interrupts_unsafe(root));
    tree.make_file("proc/interrupts", plain);
    EXPECT_TRUE(interrupts_unsafe(root));
    const std::string parameter = "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
    tree.make_file(parameter, "N\n");
    EXPECT_TRUE(interrupts_unsafe(root));
    tree.make_file(parameter, "Y\n");
    EXPECT_FALSE(interrupts_unsafe(root));
    tree.make_file(parameter, "N\n");
    tree.make_file("sys/module/iommufd/parameters/allow_unsafe_interrupts", "Y\n");
    EXPECT_TRUE(interrupts_unsafe(root)) << "VFIO's containers do not ask iommufd";
}

TEST(Interrupts, AreAllowedByIommufdWhereVfioHasNoContainers)
{
    FixtureTree tree;
    tree.make_file("proc/interrupts", plain);
    tree.make_file("sys/module/iommufd/parameters/allow_unsafe_interrupts", "Y\n");
    EXPECT_FALSE(interrupts_unsafe(tree.root()));
}

} // namespace
} // namespace vfio_early::test
