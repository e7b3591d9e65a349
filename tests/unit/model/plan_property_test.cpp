// SPDX-License-Identifier: GPL-2.0-or-later
// Random machines and policies against what must hold of every plan, whatever they are.
#include "early/model/matcher.hpp"
#include "early/model/plan.hpp"

#include "tests/support/machine_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace vfio_early {
namespace {

using test::MachineBuilder;
using test::MapCatalog;

constexpr unsigned rounds = 3000;

class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }
    bool one_in(unsigned n) { return below(n) == 0; }
    template <typename T>
    const T& of(const std::vector<T>& choices)
    {
        return choices[below(static_cast<unsigned>(choices.size()))];
    }

private:
    std::mt19937 engine_; // the same numbers on every machine
};

const std::vector<std::string> ids{"10de:128b", "10de:0e0f", "144d:a808", "8086:10d3", "abcd:0001"};
const std::vector<std::uint32_t> classes{0x030000, 0x040300, 0x010802, 0x020000, 0xff0000, 0x060400, 0x060000};

MapCatalog catalog()
{
    MapCatalog modules;
    modules.aliases = {{"pci:v000010DE*bc03*", "nouveau"},
                       {"pci:v*bc04sc03*", "snd_hda_intel"},
                       {"pci:v*bc01sc08*", "nvme"},
                       {"pci:v00008086d000010D3*", "e1000e"}};
    return modules;
}

Machine random_machine(Dice& dice)
{
    MachineBuilder builder;
    const bool iommu = !dice.one_in(8);
    const unsigned buses = 1 + dice.below(5);
    for (unsigned bus = 0; bus < buses; ++bus) {
        for (unsigned slot = 0; slot < 1 + dice.below(3); ++slot) {
            const unsigned group = dice.below(6);
            for (unsigned function = 0; function < 1 + dice.below(3); ++function) {
                const std::string address =
                    "0" + std::to_string(bus) + ":0" + std::to_string(slot) + "." + std::to_string(function);
                const std::uint32_t class_code = dice.of(classes);
                auto added = builder.add(address, dice.of(ids), class_code);
                if (iommu && !dice.one_in(12))
                    added.group(dice.one_in(4) ? dice.below(6) : group);
                if (class_code == 0x060400)
                    added.bridge();
                if (dice.one_in(6))
                    added.driver(dice.one_in(2) ? "nvme" : "vfio-pci");
                if (dice.one_in(20))
                    added.vfs(2);
            }
        }
    }
    return builder.build();
}

std::string random_selector(Dice& dice)
{
    const std::string address = "0" + std::to_string(dice.below(5)) + ":0" + std::to_string(dice.below(3)) + ".";
    switch (dice.below(6)) {
    case 0:
        return address + "*";
    case 1:
        return address + std::to_string(dice.below(3)) + " id=" + dice.of(ids);
    case 2:
        return "id=" + dice.of(ids) + "," + dice.of(ids) + (dice.one_in(2) ? " all" : "");
    case 3:
        return "path=0000:" + address + "*";
    case 4:
        return std::string("class=") + (dice.one_in(2) ? "nvme" : "display") + " all";
    default:
        return "0?:*.[01] id=" + dice.of(ids);
    }
}

std::string random_policy(Dice& dice)
{
    static const std::vector<std::string> allows{"group",  "root-disk",    "in-use",
                                                 "policy", "last-display", "vfs-enabled"};
    std::string text;
    for (unsigned statement = 0; statement < 1 + dice.below(5); ++statement) {
        text += "bind " + random_selector(dice);
        text += dice.one_in(3) ? " with=group" : dice.one_in(3) ? " with=function" : "";
        text += dice.one_in(3) ? " allow=" + dice.of(allows) : "";
        text += dice.one_in(6) ? " driver=pci-stub\n" : "\n";
    }
    for (unsigned statement = 0; statement < dice.below(3); ++statement) {
        std::string selector = random_selector(dice);
        if (const auto all = selector.find(" all"); all != std::string::npos)
            selector.erase(all); // a modifier of bind
        text += "protect " + selector + (dice.one_in(2) ? " guard=root-disk because=\"/\"\n" : "\n");
    }
    return text;
}

bool same_slot(const Address& one, const Address& other)
{
    return one.slot() == other.slot();
}

class PlanProperties {
public:
    PlanProperties(const Policy& policy, const Machine& machine, const MapCatalog& modules, const Plan& plan)
        : policy_(policy), machine_(machine), matcher_(machine, modules), plan_(plan)
    {
    }

    void check() const
    {
        std::set<Address> planned;
        for (const PlannedFunction& function : plan_.functions) {
            EXPECT_TRUE(planned.insert(function.address).second) << function.address.text() << " is planned twice";
            const Function& there = *machine_.find(function.address);
            EXPECT_FALSE(is_bridge(there.ids, there.header_type)) << function.address.text();
            function.hold ? check_held(function, there) : check_bound(function, there);
        }
        for (const RefusedFunction& refused : plan_.refused) {
            // A mismatch speaks of the statement: another one may well name what is there now.
            EXPECT_TRUE(!refused.address || refused.refusal == Refusal::mismatch || !planned.contains(*refused.address))
                << refused.subject << " is both";
        }
        for (const Step& step : plan_.steps)
            EXPECT_TRUE(!step.address || planned.contains(*step.address)) << step.text();
        EXPECT_TRUE(std::ranges::is_sorted(plan_.steps, {}, [](const Step& step) {
            return step.kind == Step::Kind::pin ? 0 : step.kind == Step::Kind::load ? 1 : 2;
        }));
    }

private:
    const BindStatement& statement_of(const PlannedFunction& function) const
    {
        return *std::ranges::find(policy_.binds, function.where, &BindStatement::where);
    }

    void check_bound(const PlannedFunction& function, const Function& there) const
    {
        const BindStatement& statement = statement_of(function);
        EXPECT_TRUE(is_asked_for(statement, there)) << function.address.text() << ": no statement asks for it";
        for (const ProtectStatement& protect : policy_.protects) {
            EXPECT_TRUE(!matcher_.matches(protect.selector, there) || statement.allow.contains(protect.guard))
                << function.address.text() << " is protected";
        }
        if (function.driver == "vfio-pci") {
            EXPECT_TRUE(function.group) << function.address.text() << " has no group";
            EXPECT_TRUE(statement.allow.contains(Refusal::group) || group_is_whole(*function.group))
                << function.address.text() << ": its group has a native sibling";
        }
    }

    void check_held(const PlannedFunction& function, const Function& there) const
    {
        EXPECT_TRUE(there.driver.empty()) << function.address.text();
        EXPECT_TRUE(std::ranges::none_of(
            policy_.protects,
            [&](const ProtectStatement& protect) { return matcher_.matches(protect.selector, there); }))
            << function.address.text() << " is protected and pinned";
    }

    bool is_asked_for(const BindStatement& statement, const Function& function) const
    {
        return std::ranges::any_of(machine_.functions, [&](const Function& other) {
            if (!matcher_.matches(statement.selector, other))
                return false;
            const bool slot = statement.with != Scope::function && same_slot(other.address, function.address);
            const bool group = statement.with == Scope::group && other.group && other.group == function.group;
            return other.address == function.address || slot || group;
        });
    }

    bool group_is_whole(unsigned group) const
    {
        return std::ranges::all_of(machine_.functions, [&](const Function& function) {
            const bool planned = std::ranges::any_of(
                plan_.functions, [&](const PlannedFunction& taken) { return taken.address == function.address; });
            const bool native =
                function.driver == "nvme" || (function.driver.empty() && !matcher_.native_modules(function).empty());
            return function.group != group || planned || function.header_type != 0 || !native;
        });
    }

    const Policy& policy_;
    const Machine& machine_;
    Matcher matcher_;
    const Plan& plan_;
};

TEST(PlanProperty, HoldsForRandomMachinesAndPolicies)
{
    const MapCatalog modules = catalog();
    unsigned functions = 0;
    unsigned refusals = 0;
    for (unsigned seed = 0; seed < rounds && !testing::Test::HasFailure(); ++seed) {
        Dice dice(seed);
        const Machine machine = random_machine(dice);
        const PolicyFile file{"vfio-early.conf", random_policy(dice)};
        const ParsedPolicy parsed = parse_policy(std::span(&file, 1));
        ASSERT_TRUE(parsed.ok()) << file.text << render(parsed.diagnostics.front());

        const Plan plan = make_plan(parsed.policy, machine, {}, modules);
        SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + file.text + plan.text());
        PlanProperties(parsed.policy, machine, modules, plan).check();
        EXPECT_EQ(plan.text(), make_plan(parsed.policy, machine, {}, modules).text());
        functions += static_cast<unsigned>(plan.functions.size());
        refusals += static_cast<unsigned>(plan.refused.size());
    }
    // The rounds are worth something only if plans are not empty.
    EXPECT_GT(functions, rounds / 2);
    EXPECT_GT(refusals, rounds / 2);
}

void give_details(Dice& dice, Machine& machine)
{
    for (Function& function : machine.functions) {
        function.driver_override = dice.one_in(5) ? dice.of<std::string>({"none", "vfio-pci", "nvme"}) : "";
        function.vfs_possible = dice.one_in(3) ? 4 : 0;
        function.virtual_function = dice.one_in(20);
        function.boot_vga = dice.one_in(6);
        if (function.ids.base_class() == 0x06 && dice.one_in(2))
            function.header_type = 2;
    }
}

/// What a scan without details leaves, and without places if `policy` names none.
Function quick_look(const Function& whole, const Policy& policy)
{
    Function function;
    function.address = whole.address;
    function.ids = whole.ids;
    function.group = whole.group;
    function.driver = whole.driver;
    function.virtual_function = whole.virtual_function;
    function.header_type = is_pci_bridge(whole.ids) ? 1 : 0;
    if (needs_places(policy))
        function.path = whole.path;
    return function;
}

/// One that leads to something that is not refused more often than others do.
std::string willing_policy(Dice& dice)
{
    if (dice.one_in(4))
        return random_policy(dice);
    std::string text = "bind " + random_selector(dice);
    text += dice.one_in(8) ? " vfs=2" : dice.one_in(3) ? " with=group" : dice.one_in(3) ? " with=function" : "";
    return text + (dice.one_in(2) ? " allow=group,last-display,in-use,vfs-enabled,no-iommu\n" : "\n");
}

TEST(PlanProperty, AQuickLookIsEnoughForASettledPlan)
{
    const MapCatalog modules = catalog();
    unsigned settled = 0;
    unsigned unsettled = 0;
    for (unsigned seed = 0; seed < rounds && !testing::Test::HasFailure(); ++seed) {
        Dice dice(seed);
        Machine machine = random_machine(dice);
        give_details(dice, machine);
        const PolicyFile file{"vfio-early.conf", willing_policy(dice)};
        const ParsedPolicy parsed = parse_policy(std::span(&file, 1));
        ASSERT_TRUE(parsed.ok()) << file.text << render(parsed.diagnostics.front());
        BootRequest request;
        if (dice.one_in(4))
            request.bind.push_back(*parse_address_pattern("01:00.*"));

        Machine seen = machine;
        std::ranges::transform(machine.functions, seen.functions.begin(),
                               [&](const Function& function) { return quick_look(function, parsed.policy); });
        const std::vector<Address> in_question = functions_in_question(parsed.policy, seen, request, modules);
        for (const Address& address : in_question) {
            const Function& whole = *machine.find(address);
            Function& closer = seen.functions[static_cast<std::size_t>(&whole - machine.functions.data())];
            closer.header_type = whole.header_type;
            closer.vfs_enabled = whole.vfs_enabled;
            closer.vfs_possible = whole.vfs_possible;
        }
        const Plan quick = make_plan(parsed.policy, seen, request, modules);
        if (!is_settled(quick, seen, in_question)) {
            ++unsettled;
            continue;
        }
        ++settled;
        EXPECT_EQ(quick.text(), make_plan(parsed.policy, machine, request, modules).text()) << "seed " << seed << "\n"
                                                                                            << file.text;
    }
    EXPECT_GT(settled, rounds / 30);
    EXPECT_GT(unsettled, rounds / 10);
}

} // namespace
} // namespace vfio_early
