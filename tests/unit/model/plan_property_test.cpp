// SPDX-License-Identifier: GPL-2.0-or-later
// Random machines and policies against what must hold of every plan, whatever they are.
#include "early/model/matcher.hpp"
#include "early/model/plan.hpp"
#include "hook/listing/plan_text.hpp"
#include "hook/ui/diagnostic_view.hpp"

#include "tests/support/machine_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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
    static const std::vector<std::string> allows{"group",        "root-disk",   "in-use",      "policy",
                                                 "last-display", "vfs-enabled", "last-network"};
    std::string text;
    for (unsigned statement = 0; statement < 1 + dice.below(5); ++statement) {
        text += "bind " + random_selector(dice);
        text += dice.one_in(3) ? " with=group" : dice.one_in(3) ? " with=function" : dice.one_in(3) ? " with=slot" : "";
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
        : policy_(policy), machine_(machine), matcher_(machine, modules, policy.facts ? &*policy.facts : nullptr),
          plan_(plan)
    {
    }

    void check() const
    {
        std::set<Address> planned;
        for (const PlannedFunction& function : plan_.functions) {
            EXPECT_TRUE(planned.insert(function.address).second) << function.address.text() << " is planned twice";
            const Function& there = *machine_.find(function.address);
            EXPECT_FALSE(is_bridge(there.ids, there.header_type)) << function.address.text();
            check_bound(function, there);
        }
        for (const RefusedFunction& refused : plan_.refused) {
            // A mismatch speaks of the statement: another one may well name what is there now.
            EXPECT_TRUE(!refused.address || refused.refusal == Refusal::mismatch || !planned.contains(*refused.address))
                << refused.subject << " is both";
        }
        for (const Step& step : plan_.steps)
            EXPECT_TRUE(!step.address || planned.contains(*step.address)) << step.text();
        EXPECT_TRUE(std::ranges::is_sorted(plan_.steps, {}, [](const Step& step) {
            constexpr std::array first{Step::Kind::pin, Step::Kind::evict, Step::Kind::load};
            return std::ranges::find(first, step.kind) - first.begin();
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

    bool is_asked_for(const BindStatement& statement, const Function& function) const
    {
        return std::ranges::any_of(machine_.functions, [&](const Function& other) {
            if (!matcher_.matches(statement.selector, other))
                return false;
            const bool slot = same_slot(other.address, function.address);
            const bool group = other.group && other.group == function.group;
            const bool neither = !other.group && !function.group;
            switch (statement.with) {
            case Scope::function:
                return other.address == function.address;
            case Scope::companions:
                return other.address == function.address || (slot && (group || neither) && other.address.bus != 0);
            case Scope::slot:
                return slot;
            case Scope::group:
                return group || other.address == function.address;
            }
            return false;
        });
    }

    bool group_is_whole(unsigned group) const
    {
        return std::ranges::all_of(machine_.functions, [&](const Function& function) {
            const bool planned = std::ranges::any_of(
                plan_.functions, [&](const PlannedFunction& taken) { return taken.address == function.address; });
            const bool native = function.driver == "nvme" ||
                                (function.driver.empty() && !matcher_.native_modules(function).names.empty());
            const bool unknown = function.driver.empty() && !matcher_.native_modules(function).known;
            return function.group != group || planned || function.header_type != 0 || !(native || unknown);
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
        SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + file.text + plan_text(plan));
        PlanProperties(parsed.policy, machine, modules, plan).check();
        EXPECT_EQ(plan_text(plan), plan_text(make_plan(parsed.policy, machine, {}, modules)));
        functions += static_cast<unsigned>(plan.functions.size());
        refusals += static_cast<unsigned>(plan.refused.size());
    }
    // The rounds are worth something only if plans are not empty.
    EXPECT_GT(functions, rounds / 2);
    EXPECT_GT(refusals, rounds / 2);
}

/// What an image may know, right or not: of some functions, of none, of a machine that nobody saw.
void give_facts(Dice& dice, const Machine& machine, Policy& policy)
{
    if (dice.one_in(2))
        return;
    policy.facts.emplace();
    if (!dice.one_in(3))
        policy.facts->root_unknown.clear();
    for (const Function& function : machine.functions)
        if (dice.one_in(2))
            policy.facts->natives.push_back({function.ids.modalias(), dice.one_in(2)
                                                                          ? std::vector<std::string>{"e1000e"}
                                                                          : std::vector<std::string>{}});
}

/// The functions that a statement names, by the text of the manual and by nothing of the planner's.
std::set<Address> named_by(const Policy& policy, const Machine& machine, const MapCatalog& modules)
{
    const Matcher matcher(machine, modules);
    std::set<Address> named;
    for (const BindStatement& statement : policy.binds) {
        for (const Function& one : machine.functions) {
            if (!matcher.matches(statement.selector, one))
                continue;
            named.insert(one.address);
            for (const Function& other : machine.functions) {
                const bool slot = same_slot(one.address, other.address);
                const bool group = one.group == other.group;
                if ((statement.with == Scope::companions && slot && group && one.address.bus != 0) ||
                    (statement.with == Scope::slot && slot) || (statement.with == Scope::group && group && one.group))
                    named.insert(other.address);
            }
        }
    }
    return named;
}

TEST(PlanProperty, NothingIsTouchedThatNoStatementNames)
{
    const MapCatalog modules = catalog();
    unsigned steps = 0;
    for (unsigned seed = 0; seed < rounds && !testing::Test::HasFailure(); ++seed) {
        Dice dice(seed);
        const Machine machine = random_machine(dice);
        const PolicyFile file{"vfio-early.conf", random_policy(dice)};
        ParsedPolicy parsed = parse_policy(std::span(&file, 1));
        ASSERT_TRUE(parsed.ok()) << file.text << render(parsed.diagnostics.front());
        give_facts(dice, machine, parsed.policy);
        const std::set<Address> named = named_by(parsed.policy, machine, modules);
        const Plan plan = make_plan(parsed.policy, machine, {}, modules);
        SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + file.text + plan_text(plan));
        PlanProperties(parsed.policy, machine, modules, plan).check();
        for (const Step& step : plan.steps) {
            EXPECT_TRUE(!step.address || named.contains(*step.address)) << step.text();
            ++steps;
        }
    }
    EXPECT_GT(steps, rounds / 2);
}

} // namespace
} // namespace vfio_early
