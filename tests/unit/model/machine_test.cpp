// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/machine.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

Function function_at(std::string_view address)
{
    Function function;
    function.address = parse_address(address).value();
    return function;
}

Machine small_machine()
{
    Machine machine;
    for (const char* address : {"0000:00:00.0", "0000:01:00.0", "0000:01:00.1", "0000:01:01.0", "0001:01:00.0"})
        machine.functions.push_back(function_at(address));
    return machine;
}

TEST(Machine, FindsAFunctionByItsAddress)
{
    const Machine machine = small_machine();
    EXPECT_EQ(machine.find({0, 1, 0, 1}), &machine.functions[2]);
    EXPECT_EQ(machine.find({0, 1, 0, 2}), nullptr);
    EXPECT_EQ(machine.find({9, 0, 0, 0}), nullptr);
}

TEST(Machine, KnowsTheFunctionsOfASlot)
{
    const Machine machine = small_machine();
    const auto slot = machine.slot({0, 1, 0, 7});
    ASSERT_EQ(slot.size(), 2U);
    EXPECT_EQ(slot[0].address, (Address{0, 1, 0, 0}));
    EXPECT_TRUE(machine.slot({0, 2, 0, 0}).empty());
}

TEST(Machine, HasAnIommuIfAnyFunctionIsInAGroup)
{
    Machine machine = small_machine();
    EXPECT_FALSE(machine.has_iommu());
    machine.functions[3].group = 0;
    EXPECT_TRUE(machine.has_iommu());
}

TEST(FirmwareFramebuffer, IsHeldByTheFunctionWhoseMemoryItIsIn)
{
    Machine machine = small_machine();
    machine.firmware_framebuffers = {{0xe0000000, 0xe02fffff}};
    Function& shown = machine.functions[1];
    Function& other = machine.functions[2];
    shown.memory = {{0xf0000000, 0xf0ffffff}, {0xe0000000, 0xefffffff}};
    other.boot_vga = true; // what the kernel thinks counts less than where the picture is
    EXPECT_TRUE(machine.holds_firmware_framebuffer(shown));
    EXPECT_FALSE(machine.holds_firmware_framebuffer(other));
}

TEST(FirmwareFramebuffer, IsWhereBootVgaIsIfTheKernelNamesNone)
{
    Machine machine = small_machine();
    machine.functions[1].boot_vga = true;
    EXPECT_TRUE(machine.holds_firmware_framebuffer(machine.functions[1]));
    EXPECT_FALSE(machine.holds_firmware_framebuffer(machine.functions[2]));
}

TEST(FirmwareFramebuffer, IsInTheWayWhereVfioPciDoesNotTakeItAway)
{
    Machine machine = small_machine();
    Function& shown = machine.functions[1];
    shown.memory = {{0xe0000000, 0xefffffff}};
    shown.ids.class_code = 0x038000;
    EXPECT_EQ(machine.framebuffer_hold(shown), FramebufferHold::none);
    machine.firmware_framebuffers = {{0xe0000000, 0xe02fffff}};
    machine.framebuffer_device = {.name = "efi-framebuffer.0", .parent = {}};
    EXPECT_EQ(machine.framebuffer_hold(shown), FramebufferHold::evictable);
    shown.ids.class_code = 0x030200;
    EXPECT_EQ(machine.framebuffer_hold(shown), FramebufferHold::evictable);
    shown.ids.class_code = 0x030000;
    EXPECT_EQ(machine.framebuffer_hold(shown), FramebufferHold::none) << "vfio-pci takes it away";
    shown.ids.class_code = 0x038000;
    EXPECT_EQ(machine.framebuffer_hold(machine.functions[2]), FramebufferHold::none) << "it is on another card";

    // Its memory is a resource of the device, with a driver or without.
    machine.framebuffer_device->name = "simple-framebuffer.0";
    EXPECT_EQ(machine.framebuffer_hold(shown), FramebufferHold::stays);
    machine.framebuffer_device.reset();
    EXPECT_EQ(machine.framebuffer_hold(shown), FramebufferHold::stays) << "nobody knows whose it is";

    // A driver that comes later would reserve it (efidrm is a module).
    machine.firmware_framebuffers.clear();
    machine.framebuffer_device = {.name = "efi-framebuffer.0", .parent = shown.address};
    EXPECT_EQ(machine.framebuffer_hold(shown), FramebufferHold::evictable);
}

TEST(MemoryRange, OverlapsAtItsEnds)
{
    EXPECT_TRUE((MemoryRange{10, 20}.overlaps({20, 30})));
    EXPECT_FALSE((MemoryRange{10, 19}.overlaps({20, 30})));
}

} // namespace
} // namespace vfio_early
