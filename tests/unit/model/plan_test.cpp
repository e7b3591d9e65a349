// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/plan.hpp"
#include "hook/ui/diagnostic_view.hpp"

#include "tests/support/machine_builder.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using test::MachineBuilder;
using test::MapCatalog;

constexpr std::uint32_t vga = 0x030000;
constexpr std::uint32_t audio = 0x040300;
constexpr std::uint32_t nvme = 0x010802;
constexpr std::uint32_t nic = 0x020000;
constexpr std::uint32_t sata = 0x010601;
constexpr std::uint32_t pci_bridge = 0x060400;

/// Two identical cards with audio, each in a group of its own, and an integrated display for the host.
MachineBuilder twin_cards()
{
    MachineBuilder machine;
    machine.add("00:02.0", "8086:3e92", vga).group(0);
    for (const char* bus : {"01", "03"}) {
        const std::string slot = std::string(bus) + ":00.";
        const std::string path = std::string(bus) == "01" ? "0000:00:01.0/00." : "0000:00:03.1/00.";
        const unsigned group = std::string(bus) == "01" ? 14 : 15;
        machine.add(slot + "0", "1002:67ff", vga).group(group).path(path + "0");
        machine.add(slot + "1", "1002:aae0", audio).group(group).path(path + "1");
    }
    return machine;
}

MapCatalog usual_modules()
{
    MapCatalog catalog;
    catalog.aliases = {{"pci:v00001002d000067FF*", "amdgpu"},
                       {"pci:v*bc04sc03i00*", "snd_hda_intel"},
                       {"pci:v*bc01sc08i02*", "nvme"},
                       {"pci:v*bc01sc06i01*", "ahci"},
                       {"pci:v00008086d000010D3*", "e1000e"}};
    return catalog;
}

Policy policy_of(const std::string& text)
{
    const PolicyFile file{"vfio-early.conf", text};
    ParsedPolicy parsed = parse_policy(std::span(&file, 1));
    EXPECT_TRUE(parsed.ok()) << (parsed.diagnostics.empty() ? "" : render(parsed.diagnostics.front()));
    return std::move(parsed.policy);
}

Plan plan_of(const std::string& policy, const MachineBuilder& machine, const std::string& command_line = "",
             const MapCatalog& catalog = usual_modules())
{
    return make_plan(policy_of(policy), machine.build(), parse_boot_request(command_line), catalog);
}

std::vector<std::string> taken(const Plan& plan)
{
    std::vector<std::string> names;
    for (const PlannedFunction& function : plan.functions)
        names.push_back(function.address.text() + " " + function.driver);
    return names;
}

std::vector<std::string> refused(const Plan& plan)
{
    std::vector<std::string> names;
    for (const RefusedFunction& function : plan.refused)
        names.push_back(function.subject + " " + std::string(refusal_word(function.refusal)));
    return names;
}

std::vector<std::string> steps(const Plan& plan)
{
    std::vector<std::string> texts;
    for (const Step& step : plan.steps)
        texts.push_back(step.text());
    return texts;
}

using Names = std::vector<std::string>;

TEST(Plan, TakesOneOfTwoIdenticalCardsByPath)
{
    const Plan plan = plan_of("bind path=0000:00:03.1/00.* id=1002:67ff,1002:aae0\n", twin_cards());
    EXPECT_EQ(taken(plan), (Names{"0000:03:00.0 vfio-pci", "0000:03:00.1 vfio-pci"}));
    EXPECT_TRUE(plan.refused.empty());
}

TEST(Plan, PinsEverythingBeforeItLoadsAndLoadsBeforeItProbes)
{
    const Plan plan = plan_of("bind 01:00.0 id=1002:67ff\nset module vfio-pci disable_idle_d3=1\n", twin_cards());
    EXPECT_EQ(steps(plan), (Names{
                               "pin 0000:01:00.0 vfio-pci",
                               "pin 0000:01:00.1 vfio-pci",
                               "load vfio",
                               "load vfio_iommu_type1 (if the kernel has it)",
                               "load vfio_virqfd (if the kernel has it)",
                               "load vfio-pci disable_idle_d3=1 ids=",
                               "bind 0000:01:00.0 vfio-pci",
                               "verify 0000:01:00.0 vfio-pci",
                               "bind 0000:01:00.1 vfio-pci",
                               "verify 0000:01:00.1 vfio-pci",
                           }));
}

TEST(Plan, BringsTheOtherFunctionsOfTheSlotAlongUnlessToldNotTo)
{
    EXPECT_EQ(taken(plan_of("bind 01:00.0\n", twin_cards())),
              (Names{"0000:01:00.0 vfio-pci", "0000:01:00.1 vfio-pci"}));
    // Alone it would leave the audio function with snd_hda_intel in the same group.
    const Plan alone = plan_of("bind 01:00.0 with=function\n", twin_cards());
    EXPECT_TRUE(alone.functions.empty());
    EXPECT_EQ(refused(alone), (Names{"0000:01:00.0 group"}));
    EXPECT_NE(alone.refused.front().detail.find("0000:01:00.1 (snd_hda_intel)"), std::string::npos);
    EXPECT_EQ(taken(plan_of("bind 01:00.0 with=function allow=group\n", twin_cards())),
              (Names{"0000:01:00.0 vfio-pci"}));
}

TEST(Plan, RefusesAnIdThatMatchesTwoSlotsAndNamesBothPaths)
{
    const Plan plan = plan_of("bind id=1002:67ff\n", twin_cards());
    EXPECT_TRUE(plan.functions.empty());
    ASSERT_EQ(refused(plan), (Names{"id=1002:67ff ambiguous"}));
    EXPECT_EQ(plan.refused.front().detail, "matches 0000:01:00.0 (path=0000:00:01.0/00.0), 0000:03:00.0 "
                                           "(path=0000:00:03.1/00.0); add the path of one, or `all`");
    EXPECT_EQ(taken(plan_of("bind id=1002:67ff all\n", twin_cards())).size(), 4U);
}

TEST(Plan, SaysWhatIsThereInsteadAndWhereTheWantedFunctionWent)
{
    MachineBuilder machine;
    machine.add("03:00.0", "8086:10d3", nic).group(1);
    machine.add("04:00.0", "10de:1b80", vga).group(2);
    const Plan plan = plan_of("bind 03:00.0 id=10de:1b80\n", machine);
    ASSERT_EQ(refused(plan), (Names{"0000:03:00.0 mismatch"}));
    EXPECT_EQ(plan.refused.front().id, "10de:1b80");
    EXPECT_EQ(plan.refused.front().detail, "is 8086:10d3; 10de:1b80 is now at 0000:04:00.0");
    EXPECT_TRUE(plan.steps.empty());
}

TEST(Plan, SaysThatNothingIsThere)
{
    const Plan plan = plan_of("bind 07:00.0\nbind 08:00.0 id=10de:1b80\n", twin_cards());
    EXPECT_EQ(refused(plan), (Names{"0000:07:00.0 missing", "0000:08:00.0 missing"}));
    EXPECT_EQ(plan.refused[0].detail, "no function is there");
    EXPECT_EQ(plan.refused[1].detail, "10de:1b80 is not in this machine");
}

TEST(Plan, TreatsIdentityAsAFilterWhereThePlaceIsWide)
{
    EXPECT_EQ(taken(plan_of("bind *:00.* id=1002:67ff,1002:aae0\n", twin_cards())).size(), 4U);
    EXPECT_TRUE(plan_of("bind *:00.* id=1002:67ff,1002:aae0\n", twin_cards()).refused.empty());
}

TEST(Plan, LeavesProtectedFunctionsAlone)
{
    MachineBuilder machine;
    machine.add("05:00.0", "144d:a808", nvme).group(5);
    machine.add("06:00.0", "144d:a808", nvme).group(6);
    const std::string all = "bind class=nvme id=144d:a808 all\n";
    const Plan plan = plan_of(all + "protect 05:00.0 guard=root-disk because=\"/ is on nvme0n1p2\"\n", machine);
    EXPECT_EQ(taken(plan), (Names{"0000:06:00.0 vfio-pci"}));
    ASSERT_EQ(refused(plan), (Names{"0000:05:00.0 root-disk"}));
    EXPECT_EQ(plan.refused.front().detail, "/ is on nvme0n1p2; allow=root-disk overrules");
    // A guard is overruled by its own word and by no other; a plain protect by allow=policy only.
    const std::string facts = "protect 05:00.0 guard=root-disk because=\"/\"\n";
    EXPECT_EQ(taken(plan_of("bind 05:00.0 allow=root-disk\n" + facts, machine)).size(), 1U);
    EXPECT_EQ(taken(plan_of("bind 05:00.0 allow=root-nic\n" + facts, machine)).size(), 0U);
}

TEST(Plan, NeverTakesABridge)
{
    MachineBuilder machine;
    machine.add("02:00.0", "1022:43d5", 0x0c0330).group(3);
    machine.add("02:00.2", "1022:43c6", pci_bridge).group(3).bridge();
    EXPECT_EQ(taken(plan_of("bind 02:00.0\n", machine)), (Names{"0000:02:00.0 vfio-pci"}));
    EXPECT_EQ(refused(plan_of("bind 02:00.2\n", machine)), (Names{"0000:02:00.2 bridge"}));
}

TEST(Plan, RefusesEverythingWithoutAnIommu)
{
    MachineBuilder machine;
    machine.add("01:00.0", "1234:1111", vga);
    machine.add("02:00.0", "1234:1111", vga);
    const Plan plan = plan_of("bind 01:00.0\n", machine);
    EXPECT_EQ(refused(plan), (Names{"0000:01:00.0 no-iommu"}));
    EXPECT_TRUE(plan.steps.empty());
    // pci-stub needs no group.
    EXPECT_EQ(taken(plan_of("bind 01:00.0 driver=pci-stub\n", machine)), (Names{"0000:01:00.0 pci-stub"}));
}

TEST(Plan, RefusesADisplayThatANativeDriverRuns)
{
    MachineBuilder machine;
    machine.add("00:02.0", "8086:3e92", vga).group(0).driver("i915");
    machine.add("01:00.0", "10de:128b", vga).group(1).driver("nouveau");
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 in-use"}));
    const Plan allowed = plan_of("bind 01:00.0 allow=in-use\n", machine);
    EXPECT_EQ(steps(allowed)[5], "unbind 0000:01:00.0 nouveau");
}

TEST(Plan, TakesAnythingElseFromABuiltInNativeDriver)
{
    MachineBuilder machine;
    machine.add("01:00.0", "144d:a808", nvme).group(1).driver("nvme");
    EXPECT_EQ(steps(plan_of("bind 01:00.0 reset=flr power=on\n", machine)),
              (Names{"pin 0000:01:00.0 vfio-pci", "load vfio", "load vfio_iommu_type1 (if the kernel has it)",
                     "load vfio_virqfd (if the kernel has it)", "load vfio-pci ids=", "unbind 0000:01:00.0 nvme",
                     "set 0000:01:00.0 reset=flr", "bind 0000:01:00.0 vfio-pci", "verify 0000:01:00.0 vfio-pci",
                     "set 0000:01:00.0 power=on"}));
}

TEST(Plan, KeepsTheLastDisplayForTheHost)
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

TEST(Plan, TakesTheFirmwaresFramebufferAwayBeforeAnythingTouchesTheFunction)
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

TEST(Plan, RefusesAFunctionWhoseFramebufferStays)
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

TEST(Plan, RefusesAPhysicalFunctionWithVirtualFunctions)
{
    MachineBuilder machine;
    machine.add("01:00.0", "8086:10c9", nic).group(1).vfs(2);
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 vfs-enabled"}));
}

/// A network card with two ports in one slot, each with SR-IOV.
MachineBuilder two_ports()
{
    MachineBuilder machine;
    machine.add("05:00.0", "8086:1572", nic).group(1).vfs_possible(8);
    machine.add("05:00.1", "8086:1572", nic).group(2).vfs_possible(8);
    return machine;
}

Names with_virtual_functions(const Plan& plan)
{
    Names names;
    for (const PlannedVfs& vfs : plan.virtual_functions)
        names.push_back(vfs.address.text() + " " + std::to_string(vfs.count) + " " + vfs.driver);
    return names;
}

TEST(PlanVirtualFunctions, LeaveTheirPhysicalFunctionAlone)
{
    const Plan plan = plan_of("bind 05:00.0 id=8086:1572 vfs=4\n", two_ports());
    EXPECT_EQ(with_virtual_functions(plan), (Names{"0000:05:00.0 4 vfio-pci"}));
    EXPECT_EQ(taken(plan), Names{});
    EXPECT_EQ(refused(plan), Names{});
    EXPECT_TRUE(plan.steps.empty());
}

TEST(PlanVirtualFunctions, GuardsAreAskedBeforeTheyAreCreated)
{
    const auto refusals = [](const std::string& policy, const MachineBuilder& machine,
                             const std::string& command_line = "") {
        const Plan plan = plan_of(policy, machine, command_line);
        EXPECT_TRUE(plan.virtual_functions.empty());
        EXPECT_TRUE(std::ranges::all_of(plan.refused, &RefusedFunction::virtual_functions));
        return refused(plan);
    };
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4\n", two_ports(), "vfio_early.skip=05:00.0"),
              (Names{"0000:05:00.0 skipped"}));
    EXPECT_EQ(refusals("bind 05:00.0 vfs=9\n", two_ports()), (Names{"0000:05:00.0 policy"}));
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4\nprotect 05:00.0 because=\"mine\"\n", two_ports()),
              (Names{"0000:05:00.0 policy"}));
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4 driver=none_such\n", two_ports()), (Names{"0000:05:00.0 driver-missing"}));
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4\nbind 05:00.0 vfs=2\n", two_ports()), (Names{"0000:05:00.0 policy"}));

    MachineBuilder machine;
    machine.add("05:00.0", "8086:1572", nic).vfs_possible(8);
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4\n", machine), (Names{"0000:05:00.0 no-iommu"}));
    machine = {};
    machine.add("05:00.0", "8086:1572", nic).group(1).vfs_possible(8).vfs(2).driver("i40e");
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4\n", machine), (Names{"0000:05:00.0 vfs-enabled"}));
    machine = {};
    machine.add("05:00.0", "8086:1572", nic).group(1).vfs_possible(8).driver("vfio-pci");
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4\n", machine), (Names{"0000:05:00.0 policy"}));
    machine = {};
    machine.add("05:00.0", "8086:10d3", nic).group(1);
    EXPECT_EQ(refusals("bind 05:00.0 vfs=4\n", machine), (Names{"0000:05:00.0 policy"}));
}

TEST(PlanVirtualFunctions, NamingAFunctionGoesBeforeBringingItAlong)
{
    const Plan plan = plan_of("bind 05:00.1 allow=last-network\nbind 05:00.0 vfs=4\n", two_ports());
    EXPECT_EQ(with_virtual_functions(plan), (Names{"0000:05:00.0 4 vfio-pci"}));
    EXPECT_EQ(taken(plan), (Names{"0000:05:00.1 vfio-pci"}));
    const Plan both = plan_of("bind 05:00.0 with=function\nbind 05:00.0 vfs=4\n", two_ports());
    EXPECT_EQ(refused(both), (Names{"0000:05:00.0 policy"}));
    EXPECT_TRUE(both.virtual_functions.empty());
}

TEST(PlanVirtualFunctions, ThoseThatAreThereAreNotAskedForTheirOwn)
{
    MachineBuilder machine = two_ports();
    machine.add("05:02.0", "8086:1572", nic).group(3).virtual_function_of("05:00.0");
    const Plan plan = plan_of("bind id=8086:1572 all vfs=4\n", machine);
    EXPECT_EQ(with_virtual_functions(plan), (Names{"0000:05:00.0 4 vfio-pci", "0000:05:00.1 4 vfio-pci"}));
    EXPECT_EQ(refused(plan), Names{});
}

TEST(PlanVirtualFunctions, EachIsThenAFunctionLikeAnyOther)
{
    const std::string text = "bind 05:00.0 vfs=2 allow=policy\nbind 01:00.0\nprotect 05:02.1 guard=root-nic\n";
    const Plan first = plan_of(text, two_ports());
    ASSERT_EQ(first.virtual_functions.size(), 1U);

    MachineBuilder machine;
    machine.add("01:00.0", "8086:10d3", nic).group(9);
    machine.add("05:00.0", "8086:1572", nic).group(1).vfs_possible(8).vfs(3).driver("i40e");
    machine.add("05:02.0", "8086:154c", nic).group(3).virtual_function_of("05:00.0");
    machine.add("05:02.1", "8086:154c", nic).group(4).virtual_function_of("05:00.0");
    machine.add("05:02.2", "8086:154c", nic).group(1).virtual_function_of("05:00.0");
    machine.add("05:03.0", "8086:154c", nic).group(5).virtual_function_of("05:00.1");
    MapCatalog catalog = usual_modules();
    catalog.aliases.emplace_back("vfio_pci:v00008086d0000154C*", "ice_vfio_pci");
    catalog.modules.emplace_back("ice_vfio_pci");
    const Plan plan = plan_virtual_functions(first.virtual_functions.front(), policy_of(text), machine.build(),
                                             parse_boot_request("vfio_early.bind=01:00.0"), catalog);
    EXPECT_EQ(taken(plan), (Names{"0000:05:02.0 ice_vfio_pci"})) << "the variant knows the id of the virtual function";
    EXPECT_EQ(refused(plan), (Names{"0000:05:02.1 root-nic", "0000:05:02.2 group"}));
}

TEST(Plan, RefusesADriverThatTheKernelDoesNotHave)
{
    MapCatalog catalog = usual_modules();
    catalog.modules = {"vfio"};
    EXPECT_EQ(refused(plan_of("bind 01:00.0 with=function allow=group\n", twin_cards(), "", catalog)),
              (Names{"0000:01:00.0 driver-missing"}));
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", twin_cards(), "module_blacklist=vfio-pci")),
              (Names{"0000:01:00.0 driver-missing", "0000:01:00.1 driver-missing"}));
}

TEST(Plan, ChoosesTheVariantDriverThatModulesAliasNames)
{
    MapCatalog catalog = usual_modules();
    catalog.aliases.emplace_back("vfio_pci:v000015B3d0000101E*", "mlx5_vfio_pci");
    catalog.aliases.emplace_back("vfio_pci:v*", "vfio_pci");
    MachineBuilder machine;
    machine.add("01:00.1", "15b3:101e", nic).group(1);
    EXPECT_EQ(taken(plan_of("bind 01:00.1 allow=last-network\n", machine, "", catalog)),
              (Names{"0000:01:00.1 vfio-pci"}))
        << "a variant that is not in the image is no choice";
    catalog.modules.emplace_back("mlx5_vfio_pci");
    EXPECT_EQ(taken(plan_of("bind 01:00.1 allow=last-network\n", machine, "", catalog)),
              (Names{"0000:01:00.1 mlx5_vfio_pci"}));
    EXPECT_EQ(taken(plan_of("bind 01:00.1 driver=vfio_pci allow=last-network\n", machine, "", catalog)),
              (Names{"0000:01:00.1 vfio-pci"}));
}

TEST(Plan, TakesTheWholeGroupAlongWhenAsked)
{
    MachineBuilder machine;
    machine.add("05:00.0", "1b36:000e", pci_bridge).group(7).bridge();
    machine.add("06:01.0", "8086:10d3", nic).group(7);
    machine.add("06:02.0", "1b21:0612", sata).group(7);
    const Plan plan = plan_of("bind 06:01.0\n", machine);
    EXPECT_EQ(refused(plan), (Names{"0000:06:01.0 group"}));
    EXPECT_EQ(plan.refused.front().detail,
              "group 7 would not be viable: it also holds 0000:06:02.0 (ahci); with=group takes "
              "them along; allow=group overrules");
    EXPECT_EQ(taken(plan_of("bind 06:01.0 with=group allow=last-network\n", machine)),
              (Names{"0000:06:01.0 vfio-pci", "0000:06:02.0 vfio-pci"}));
    // A sibling that another guard keeps makes the group impossible, and the log says which.
    const Plan guarded = plan_of("bind 06:01.0 with=group\nprotect 06:02.0 guard=root-disk because=\"/\"\n", machine);
    EXPECT_TRUE(guarded.functions.empty());
    EXPECT_EQ(refused(guarded), (Names{"0000:06:01.0 group", "0000:06:02.0 root-disk"}));
}

TEST(Plan, NeitherTakesNorHoldsASiblingThatNoModuleKnows)
{
    MachineBuilder machine;
    machine.add("06:01.0", "8086:10d3", nic).group(7);
    machine.add("06:02.0", "abcd:0001", 0xff0000).group(7);
    EXPECT_EQ(taken(plan_of("bind 06:01.0 allow=last-network\n", machine)), (Names{"0000:06:01.0 vfio-pci"}));
}

TEST(Plan, AnImageTrustsWhatWasWrittenDownAndNotItsFewModules)
{
    MachineBuilder machine;
    machine.add("06:01.0", "abcd:0001", 0xff0000).group(7);
    machine.add("06:02.0", "abcd:0002", 0x020000).group(7);
    const std::string mark = std::string(facts_mark) + "\n";
    const std::string modalias = machine.build().functions[1].ids.modalias();
    const std::string bind = "bind 06:01.0\n";
    const auto refusal = [&](const std::string& facts) {
        const std::vector<PolicyFile> files{{"00-facts.conf", mark + facts}, {"vfio-early.conf", bind}};
        const Plan plan = make_plan(parse_policy(files).policy, machine.build(), {}, usual_modules());
        return plan.refused.empty() ? "" : plan.refused.front().detail;
    };
    EXPECT_EQ(refusal("image root=known\nnative modalias=" + modalias + " module=none\n"), "");
    EXPECT_EQ(refusal("image root=known\nnative modalias=" + modalias + " module=e1000,e1000e\n"),
              "group 7 would not be viable: it also holds 0000:06:02.0 (e1000); with=group takes them along; "
              "allow=group overrules");
    for (const char* nothing : {"image root=known\n", "image root=unknown because=nothing\n", ""})
        EXPECT_EQ(refusal(nothing), "group 7 would not be viable: it also holds 0000:06:02.0 (its native driver is not "
                                    "known here); with=group takes them along; allow=group overrules")
            << nothing;
}

TEST(Plan, TakesTheSlotOnlyAsFarAsTheGroupGoes)
{
    MachineBuilder apu; // each function of the slot has a group of its own, as on a Ryzen 3400G
    apu.add("0a:00.0", "1002:15d8", vga).group(10);
    apu.add("0a:00.1", "1002:15de", 0x040300).group(11);
    apu.add("0a:00.3", "1022:15e0", 0x0c0330).group(12);
    EXPECT_EQ(taken(plan_of("bind 0a:00.0 id=1002:15d8 allow=last-display\n", apu)), (Names{"0000:0a:00.0 vfio-pci"}));
    EXPECT_EQ(taken(plan_of("bind 0a:00.0 with=slot allow=last-display\n", apu)).size(), 3U);
    MachineBuilder chipset;
    chipset.add("00:1f.0", "8086:a305", 0x060100).group(8);
    chipset.add("00:1f.3", "8086:a348", 0x040300).group(8);
    chipset.add("00:1f.6", "8086:10d3", nic).group(8);
    EXPECT_EQ(refused(plan_of("bind 00:1f.3\n", chipset)), (Names{"0000:00:1f.3 group"}))
        << "functions of the root bus are no card";
}

TEST(Plan, LeavesTheHostANetworkCard)
{
    MachineBuilder machine;
    machine.add("01:00.0", "8086:10d3", nic).group(1);
    machine.add("02:00.0", "8086:10d3", nic).group(2);
    EXPECT_EQ(taken(plan_of("bind 01:00.0\n", machine)).size(), 1U);
    EXPECT_EQ(refused(plan_of("bind class=network all\n", machine)),
              (Names{"0000:01:00.0 last-network", "0000:02:00.0 last-network"}));
    EXPECT_EQ(taken(plan_of("bind class=network all allow=last-network\n", machine)).size(), 2U);
}

TEST(Plan, OnlyACardThatTheHostCanUseIsItsNetworkCard)
{
    const auto refusals_beside = [](const std::string& ids, std::uint32_t class_code, const std::string& driver) {
        MachineBuilder machine;
        machine.add("01:00.0", "8086:10d3", nic).group(1);
        machine.add("02:00.0", ids, class_code).group(2).driver(driver);
        return refused(plan_of("bind 01:00.0\n", machine));
    };
    const Names last{"0000:01:00.0 last-network"};
    EXPECT_EQ(refusals_beside("8086:10d3", nic, ""), Names{});
    EXPECT_EQ(refusals_beside("8086:10d3", nic, "vfio-pci"), last) << "somebody else gives it away";
    EXPECT_EQ(refusals_beside("abcd:0001", nic, ""), last) << "no module takes it";
    EXPECT_EQ(refusals_beside("abcd:0001", nic, "out-of-tree"), Names{});
    EXPECT_EQ(refusals_beside("8086:2725", 0x028000, "iwlwifi"), last) << "wireless";
    MachineBuilder wireless;
    wireless.add("02:00.0", "8086:2725", 0x028000).group(2).driver("iwlwifi");
    EXPECT_EQ(refused(plan_of("bind 02:00.0 allow=in-use\n", wireless)), Names{"0000:02:00.0 last-network"});
}

TEST(Plan, AMemberOfTheGroupThatIsNoPciFunctionCounts)
{
    MachineBuilder builder;
    builder.add("01:00.0", "10de:128b", 0x040300).group(1);
    Machine machine = builder.build();
    machine.other_members[1] = {{"a003e00.dma", ""}};
    const auto plan = [&] { return make_plan(policy_of("bind 01:00.0\n"), machine, {}, usual_modules()); };
    EXPECT_EQ(plan().functions.size(), 1U);
    machine.other_members[1].push_back({"a003e00.pcie", "layerscape-pcie"});
    ASSERT_EQ(plan().refused.size(), 1U);
    EXPECT_EQ(plan().refused.front().detail,
              "group 1 would not be viable: it also holds a003e00.pcie (layerscape-pcie, no PCI function); allow=group "
              "overrules");
}

TEST(Plan, KnowsWhatRootMayBeOn)
{
    MachineBuilder builder;
    builder.add("01:00.0", "144d:a808", 0x010802).group(1);
    builder.add("02:00.0", "144d:a808", 0x010802).group(2);
    const std::string mark = std::string(facts_mark) + "\nimage root=known\n";
    std::string refused;
    const auto may_hold_root = [&](const std::string& facts, const std::string& bind) {
        const std::vector<PolicyFile> files{{"00-facts.conf", facts}, {"vfio-early.conf", bind}};
        const Plan plan = make_plan(parse_policy(files).policy, builder.build(), {}, usual_modules());
        refused = plan.refused.empty() ? "" : plan.refused.front().detail;
        return !plan.functions.empty() && plan.functions.front().may_hold_root;
    };
    const std::string overrules = "; allow=root-disk overrules";
    const std::string root_on_2 = "root 02:00.0 guard=root-disk because=\"/ is on nvme1n1p2\"\n";
    const std::string gone = "root 05:00.0 guard=root-disk because=\"/ is on nvme1n1p2\"\n";
    const std::string guest = "bind 01:00.0\n";
    const std::string whatever = "bind 01:00.0 allow=root-disk\n";
    EXPECT_FALSE(may_hold_root(mark + root_on_2, guest)) << "it is on the other one";
    EXPECT_EQ(refused, "");
    EXPECT_FALSE(may_hold_root(mark + root_on_2, "bind 02:00.0\n"));
    EXPECT_EQ(refused, "/ is on nvme1n1p2" + overrules);
    EXPECT_TRUE(may_hold_root(mark + root_on_2, "bind 02:00.0 allow=root-disk\n"));
    EXPECT_FALSE(
        may_hold_root(mark + root_on_2 + "protect 02:00.0 guard=root-disk because=\"/srv is on nvme1\"\n", whatever))
        << "it is not / that is there";
    EXPECT_FALSE(may_hold_root(mark + "protect 05:00.0 guard=root-disk because=\"/media/stick\"\n", guest))
        << "what is missing is not /";
    EXPECT_EQ(refused, "");

    const std::string unknown = std::string(facts_mark) + "\nimage root=unknown because=\"/ is zfs\"\n";
    EXPECT_FALSE(may_hold_root(unknown, guest));
    EXPECT_EQ(refused, "/ may need it: / is zfs" + overrules);
    EXPECT_TRUE(may_hold_root(unknown, whatever));
    EXPECT_FALSE(may_hold_root(unknown + root_on_2, guest)) << "this boot has found it";
    EXPECT_EQ(refused, "");

    EXPECT_TRUE(may_hold_root(mark + gone, guest)) << "it may have moved";
    EXPECT_EQ(refused, "");
    EXPECT_TRUE(may_hold_root(mark + gone + root_on_2, guest)) << "one leg of a mirror may have moved";
    EXPECT_FALSE(may_hold_root(mark + "root path=0000:00:1d.0/00.0 id=1987:5012 guard=root-disk\n", guest))
        << "the drive that is missing is another one";
    const std::string behind_vmd = "root path=10000:e0:06.0/00.0 guard=root-disk because=\"/ is on nvme1n1p2\"\n";
    EXPECT_FALSE(may_hold_root(mark + behind_vmd, guest)) << "it comes with the driver of VMD";
    EXPECT_EQ(refused, "");
    EXPECT_FALSE(may_hold_root("# no image\n", guest)) << "on the running system what is found out is of now";
    EXPECT_EQ(refused, "");
}

TEST(Plan, ADiskIsNotTakenByAnImageThatNeverSawItsMachine)
{
    MachineBuilder machine;
    machine.add("01:00.0", "144d:a808", 0x010802).group(1);
    const std::vector<PolicyFile> files{{"00-facts.conf", std::string(facts_mark) + "\nimage machine=unseen\n"},
                                        {"vfio-early.conf", "bind 01:00.0\n"}};
    EXPECT_EQ(refused(make_plan(parse_policy(files).policy, machine.build(), {}, usual_modules())),
              (Names{"0000:01:00.0 root-disk"}));
}

TEST(Plan, TakesAVariantOnlyWhereThatLoadsNoNativeDriver)
{
    MachineBuilder builder;
    builder.add("01:00.0", "8086:0bd5", 0x038000).group(1);
    builder.add("01:00.1", "8086:0bd5", 0x038000).group(2).virtual_function_of("01:00.0");
    MapCatalog modules;
    modules.aliases = {{"pci:v00008086d00000BD5*", "xe"}, {"vfio_pci:v00008086d00000BD5*", "xe_vfio_pci"}};
    modules.modules.push_back("xe_vfio_pci");
    modules.needs["xe_vfio_pci"] = {"xe", "vfio_pci_core"};
    const Policy policy = policy_of("bind id=8086:0bd5 with=function allow=last-display\n");
    EXPECT_EQ(taken(make_plan(policy, builder.build(), {}, modules)),
              (Names{"0000:01:00.0 vfio-pci", "0000:01:00.1 xe_vfio_pci"}));
    modules.needs["xe_vfio_pci"] = {"vfio_pci_core"};
    EXPECT_EQ(taken(make_plan(policy, builder.build(), {}, modules)).front(), "0000:01:00.0 xe_vfio_pci");
}

TEST(Plan, VirtualFunctionsMayBeMadeOnWhatTheHostNeeds)
{
    MachineBuilder machine;
    machine.add("01:00.0", "8086:10d3", nic).group(1).driver("igb").vfs_possible(4);
    const std::string policy = "bind 01:00.0 vfs=2\nprotect 01:00.0 guard=root-nic because=\"/ is on nfs\"\n";
    EXPECT_EQ(plan_of(policy, machine).virtual_functions.size(), 1U) << "it keeps its driver";
    EXPECT_EQ(plan_of("bind 01:00.0 vfs=2\nprotect 01:00.0\n", machine).virtual_functions.size(), 0U);
}

TEST(Plan, ObeysTheKernelCommandLine)
{
    const std::string policy = "bind 01:00.*\n[gaming]\nbind 03:00.*\n";
    EXPECT_EQ(taken(plan_of(policy, twin_cards())).size(), 2U);
    EXPECT_EQ(taken(plan_of(policy, twin_cards(), "vfio_early.profile=gaming")).size(), 4U);
    EXPECT_EQ(refused(plan_of(policy, twin_cards(), "rd.vfio_early.skip=01:00.*")),
              (Names{"0000:01:00.0 skipped", "0000:01:00.1 skipped"}));
    EXPECT_EQ(taken(plan_of("", twin_cards(), "vfio_early.bind=03:00.0")).size(), 2U);
    const Plan off = plan_of(policy, twin_cards(), "vfio_early=off");
    EXPECT_TRUE(off.functions.empty() && off.refused.empty() && off.steps.empty());
    EXPECT_EQ(plan_of(policy, twin_cards(), "vfio_early.profile=game").warnings.size(), 1U);
}

TEST(Plan, RefusesAFunctionThatTwoStatementsNameDifferently)
{
    const Plan plan = plan_of("bind 01:00.0\nbind path=0000:00:01.0/00.0 driver=pci-stub\n", twin_cards());
    EXPECT_TRUE(plan.functions.empty());
    ASSERT_EQ(refused(plan), (Names{"0000:01:00.0 policy", "0000:01:00.1 policy"}));
    EXPECT_EQ(plan.refused.front().detail,
              "vfio-early.conf:1 and vfio-early.conf:2 name this function and disagree; keep one of them");
    // One that names the function goes before one that only brings it along.
    EXPECT_EQ(taken(plan_of("bind 01:00.0\nbind 01:00.1 driver=pci-stub\n", twin_cards())),
              (Names{"0000:01:00.0 vfio-pci", "0000:01:00.1 pci-stub"}));
}

TEST(Plan, TakesCompanionsOnlyWithTheFunctionTheyCameWith)
{
    const Plan plan = plan_of("bind 01:00.0 allow=group\nprotect 01:00.0\n", twin_cards());
    EXPECT_TRUE(plan.functions.empty());
    EXPECT_EQ(refused(plan), (Names{"0000:01:00.0 policy", "0000:01:00.1 policy"}));
}

TEST(Plan, WarnsOfIdsThatTakeMoreThanThePolicySays)
{
    const std::string line = "vfio-pci.ids=1002:67ff,1002:aae0";
    EXPECT_TRUE(plan_of("bind 01:00.*\n", twin_cards(), line).warnings.empty()) << "our own insertion overrules them";
    MapCatalog modules = usual_modules();
    modules.builtins = {"vfio_pci"};
    const Plan plan = make_plan(policy_of("bind 01:00.*\n"), twin_cards().build(), parse_boot_request(line), modules);
    ASSERT_EQ(plan.warnings.size(), 1U);
    EXPECT_NE(plan.warnings.front().find("0000:03:00.0 1002:67ff, 0000:03:00.1 1002:aae0"), std::string::npos);
}

TEST(Plan, FindsFunctionsBySerialModaliasAndNativeModule)
{
    MachineBuilder machine;
    machine.add("01:00.0", "8086:10d3", nic).group(1).serial(0x5254'00ff'ff12'3456);
    machine.add("02:00.0", "8086:10d3", nic).group(2).serial(0x5254'00ff'ff65'4321);
    EXPECT_EQ(taken(plan_of("bind serial=52-54-00-ff-ff-65-43-21\n", machine)), (Names{"0000:02:00.0 vfio-pci"}));
    EXPECT_EQ(taken(plan_of("bind modalias=pci:v00008086d000010D3* all allow=last-network\n", machine)).size(), 2U);
    EXPECT_EQ(taken(plan_of("bind native=e1000e all allow=last-network\n", machine)).size(), 2U);
    EXPECT_EQ(refused(plan_of("bind native=igb\n", machine)), (Names{"native=igb missing"}));
    EXPECT_TRUE(needs_serials(policy_of("bind serial=52-54-00-ff-ff-65-43-21\n")));
    EXPECT_FALSE(needs_serials(policy_of("bind 01:00.0\n")));
}

} // namespace
} // namespace vfio_early
