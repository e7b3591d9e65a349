// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/model/plan_of.hpp"

namespace vfio_early::test {
namespace {

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

TEST(Plan, WaitsForAGroupThatComesWithTheDriver)
{
    // Debian 13 on arm64: only the ports have a driver, and a group, when the plan is made.
    MachineBuilder builder;
    builder.add("00:01.0", "1b36:000c", pci_bridge).bridge().driver("pcieport").group(0);
    builder.add("01:00.0", "1234:1111", vga);
    builder.add("02:00.0", "1234:1111", vga);
    Machine machine = builder.build();
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 no-iommu"})) << "there is no IOMMU";
    machine.iommu_registered = true;
    EXPECT_EQ(taken(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 vfio-pci"}));
    // A kernel that groups what has no driver, too, has left this one out.
    machine.functions[2].group = 1;
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 no-iommu"}));
    // So has one that has a driver, and no group yet.
    machine.functions[2].group.reset();
    machine.functions[1].driver = "e1000e";
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 no-iommu"}));
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
} // namespace vfio_early::test
