// SPDX-License-Identifier: GPL-2.0-or-later
// Displays: the last one, one in use, and the firmware's framebuffer.
#include "tests/unit/model/plan_of.hpp"

namespace vfio_early::test {
namespace {

TEST(PlanDisplay, RefusesADisplayThatANativeDriverRuns)
{
    MachineBuilder machine;
    machine.add("00:02.0", "8086:3e92", vga).group(0).driver("i915");
    machine.add("01:00.0", "10de:128b", vga).group(1).driver("nouveau");
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 in-use"}));
    const Plan allowed = plan_of("bind 01:00.0 allow=in-use\n", machine);
    EXPECT_EQ(steps(allowed)[5], "unbind 0000:01:00.0 nouveau");
}

TEST(PlanDisplay, KeepsTheLastDisplayForTheHost)
{
    MachineBuilder machine;
    machine.add("00:02.0", "8086:3e92", vga).group(0).memory(0xe0000000, 0xefffffff);
    machine.add("01:00.0", "10de:128b", vga).group(1).memory(0xc0000000, 0xcfffffff);
    Machine built = machine.build();
    const Policy policy = policy_of("bind class=display all\n");
    EXPECT_EQ(refused(make_plan(policy, built, {}, usual_modules())),
              (Names{"0000:00:02.0 last-display", "0000:01:00.0 last-display"}));
    // The firmware's picture tells which of the two is the host's, without boot_vga.
    built.firmware_framebuffers = {{0xc0000000, 0xc07fffff}};
    const Plan plan = make_plan(policy, built, {}, usual_modules());
    EXPECT_EQ(refused(plan), (Names{"0000:01:00.0 last-display"}));
    EXPECT_EQ(taken(plan), (Names{"0000:00:02.0 vfio-pci"}));
    EXPECT_TRUE(make_plan(policy_of("bind class=display all allow=last-display\n"), built, {}, usual_modules())
                    .refused.empty());
}

/// A display that is no VGA, with the firmware's picture in its memory.
Machine apu(const char* framebuffer_device)
{
    MachineBuilder builder;
    builder.add("00:02.0", "8086:3e92", vga).group(0);
    builder.add("c3:00.0", "1002:1586", 0x038000).group(1).memory(0xc0000000, 0xcfffffff);
    Machine machine = builder.build();
    machine.firmware_framebuffers = {{0xc0000000, 0xc07fffff}};
    machine.framebuffer_device = {.name = framebuffer_device, .parent = {}};
    return machine;
}

TEST(PlanDisplay, TakesTheFirmwaresFramebufferAwayBeforeAnythingTouchesTheFunction)
{
    const Machine machine = apu("efi-framebuffer.0");
    EXPECT_EQ(
        steps(make_plan(policy_of("bind c3:00.0 reset=flr\n"), machine, {}, usual_modules())),
        (Names{"pin 0000:c3:00.0 vfio-pci", "evict 0000:c3:00.0 efi-framebuffer.0", "set 0000:c3:00.0 reset=flr",
               "load vfio", "load vfio_iommu_type1 (if the kernel has it)", "load vfio_virqfd (if the kernel has it)",
               "load vfio-pci ids=", "bind 0000:c3:00.0 vfio-pci", "verify 0000:c3:00.0 vfio-pci"}));
    // No virtual machine maps what this one has.
    const Plan stub = make_plan(policy_of("bind c3:00.0 driver=pci-stub\n"), machine, {}, usual_modules());
    EXPECT_EQ(stub.functions.at(0).framebuffer, "");
}

TEST(PlanDisplay, RefusesAFunctionWhoseFramebufferStays)
{
    const Machine machine = apu("simple-framebuffer.0");
    const Plan plan = make_plan(policy_of("bind c3:00.0\n"), machine, {}, usual_modules());
    EXPECT_EQ(refused(plan), (Names{"0000:c3:00.0 framebuffer"}));
    EXPECT_EQ(plan.refused.at(0).detail,
              "the firmware's framebuffer is in its memory, which no virtual machine could map; boot with "
              "initcall_blacklist=sysfb_init; allow=framebuffer overrules");
    EXPECT_TRUE(make_plan(policy_of("bind c3:00.0 driver=pci-stub\n"), machine, {}, usual_modules()).refused.empty());
    const Plan allowed = make_plan(policy_of("bind c3:00.0 allow=framebuffer\n"), machine, {}, usual_modules());
    EXPECT_EQ(allowed.functions.at(0).framebuffer, "") << "there is nothing that could be done";
}

} // namespace
} // namespace vfio_early::test
