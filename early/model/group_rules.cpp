// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/group_rules.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <map>

namespace vfio_early {
namespace {

struct Group {
    std::vector<const Function*> functions;
    std::vector<Candidate*> taken; ///< those that are to have a vfio driver
};

std::map<unsigned, Group> groups_with_candidates(Selection& selection, const Machine& machine)
{
    std::map<unsigned, Group> groups;
    for (Candidate& candidate : selection.candidates)
        if (candidate.taken() && candidate.function->group && is_vfio_driver(candidate.driver))
            groups[*candidate.function->group].taken.push_back(&candidate);
    for (const Function& function : machine.functions)
        if (const auto group = function.group ? groups.find(*function.group) : groups.end(); group != groups.end())
            group->second.functions.push_back(&function);
    return groups;
}

bool harmless_driver(std::string_view driver)
{
    return is_vfio_driver(driver) || driver == "pci-stub" || driver == "pcieport" || driver == "shpchp";
}

/// The native driver that has the function, or would get it; empty if none.
std::string native_driver(const Function& function, const Matcher& matcher)
{
    if (!function.driver.empty())
        return harmless_driver(function.driver) ? "" : function.driver;
    if (!function.driver_override.empty()) {
        return harmless_driver(function.driver_override) || function.driver_override == "none"
                   ? ""
                   : function.driver_override;
    }
    const std::vector<std::string>& modules = matcher.native_modules(function);
    return modules.empty() ? "" : modules.front();
}

/// What keeps a group from being viable.
struct Obstacles {
    std::vector<std::string> names; ///< for the log: "0000:02:00.1 (ahci)"
    bool guarded = false;           ///< taking one of them along was tried, and another guard refused it
};

Obstacles find_obstacles(const Group& group, Selection& selection, const Matcher& matcher)
{
    Obstacles found;
    for (const Function* function : group.functions) {
        const Candidate* candidate = selection.find(*function);
        if (candidate != nullptr && candidate->taken()) {
            if (!harmless_driver(candidate->driver))
                found.names.push_back(function->address.text() + " (to have " + candidate->driver + ")");
            continue;
        }
        const std::string native = function->header_type == 0 ? native_driver(*function, matcher) : "";
        if (native.empty())
            continue;
        const bool guarded = candidate != nullptr && candidate->refused->refusal != Refusal::group;
        found.guarded = found.guarded || guarded;
        found.names.push_back(function->address.text() + " (" + native +
                              (guarded ? ", refused " + std::string(refusal_word(candidate->refused->refusal)) : "") +
                              ")");
    }
    return found;
}

bool is_protected(const Function& function, const GuardContext& context)
{
    const auto& skip = context.request.skip;
    return std::ranges::any_of(skip,
                               [&](const AddressPattern& pattern) { return pattern.matches(function.address); }) ||
           std::ranges::any_of(context.protects, [&](const ProtectStatement* protect) {
               return context.matcher.matches(protect->selector, function);
           });
}

} // namespace

bool guard_groups(Selection& selection, const GuardContext& context)
{
    bool refused = false;
    for (auto& [number, group] : groups_with_candidates(selection, context.matcher.machine())) {
        const Obstacles obstacles = find_obstacles(group, selection, context.matcher);
        if (obstacles.names.empty())
            continue;
        const std::string detail =
            "group " + std::to_string(number) + " would not be viable: it also holds " + join(obstacles.names, ", ") +
            (obstacles.guarded ? "" : "; with=group takes them along") + overruled_by(Refusal::group);
        for (Candidate* candidate : group.taken) {
            if (!candidate->statement->allow.contains(Refusal::group)) {
                candidate->refuse(Refusal::group, detail);
                refused = true;
            }
        }
    }
    return refused;
}

std::vector<PlannedFunction> functions_to_hold(Selection& selection, const GuardContext& context)
{
    std::vector<PlannedFunction> held;
    for (auto& [number, group] : groups_with_candidates(selection, context.matcher.machine())) {
        for (const Function* function : group.functions) {
            if (selection.find(*function) != nullptr || !function->driver.empty() || !function->has_driver_override ||
                is_bridge(function->ids, function->header_type) || !context.matcher.native_modules(*function).empty() ||
                is_protected(*function, context)) {
                continue;
            }
            PlannedFunction hold;
            hold.address = function->address;
            hold.ids = function->ids;
            hold.group = number;
            hold.driver = "none";
            hold.hold = true;
            hold.reason = "same group as " + group.taken.front()->function->address.text();
            hold.where = group.taken.front()->statement->where;
            held.push_back(std::move(hold));
        }
    }
    return held;
}

} // namespace vfio_early
