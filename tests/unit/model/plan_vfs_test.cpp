// SPDX-License-Identifier: GPL-2.0-or-later
// Statements with vfs=: virtual functions on a function that keeps its driver.
#include "tests/unit/model/plan_of.hpp"

namespace vfio_early::test {
namespace {

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

TEST(PlanVirtualFunctions, MayBeMadeOnWhatTheHostNeeds)
{
    MachineBuilder machine;
    machine.add("01:00.0", "8086:10d3", nic).group(1).driver("igb").vfs_possible(4);
    const std::string policy = "bind 01:00.0 vfs=2\nprotect 01:00.0 guard=root-nic because=\"/ is on nfs\"\n";
    EXPECT_EQ(plan_of(policy, machine).virtual_functions.size(), 1U) << "it keeps its driver";
    EXPECT_EQ(plan_of("bind 01:00.0 vfs=2\nprotect 01:00.0\n", machine).virtual_functions.size(), 0U);
}

TEST(PlanVirtualFunctions, KeepTheirPhysicalFunctionFromBeingBound)
{
    MachineBuilder machine;
    machine.add("01:00.0", "8086:10c9", nic).group(1).vfs(2);
    EXPECT_EQ(refused(plan_of("bind 01:00.0\n", machine)), (Names{"0000:01:00.0 vfs-enabled"}));
}

} // namespace
} // namespace vfio_early::test
