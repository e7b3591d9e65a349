// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/guard_rules.hpp"

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

/// Drivers that do no DMA on the host's behalf, so that VFIO lets a group with them be used (driver_managed_dma of
/// pcieport and vfio-pci, vfio_dev_driver_allowed() before Linux 5.19; "none" names no driver at all).
bool harmless_driver(std::string_view driver)
{
    return is_vfio_driver(driver) || driver == "pci-stub" || driver == "pcieport" || driver == "shpchp" ||
           driver == "none";
}

/// The native driver that has the function, or would get it; empty if none.
std::string native_driver(const Function& function, const Matcher& matcher)
{
    const std::string& decided = function.driver.empty() ? function.driver_override : function.driver;
    if (!decided.empty())
        return harmless_driver(decided) ? "" : decided;
    const NativeModules& native = matcher.native_modules(function);
    if (!native.names.empty())
        return native.names.front();
    return native.known ? "" : "its native driver is not known here";
}

/// What keeps a group from being viable.
struct Obstacles {
    std::vector<std::string> names; ///< for the log: "0000:02:00.1 (ahci)"
    bool guarded = false;           ///< taking one of them along was tried, and another guard refused it
};

void add_function(const Function& function, Selection& selection, const Matcher& matcher, Obstacles& found)
{
    const Candidate* candidate = selection.find(function);
    if (candidate != nullptr && candidate->taken()) {
        if (!harmless_driver(candidate->driver))
            found.names.push_back(function.address.text() + " (to have " + candidate->driver + ")");
        return;
    }
    const std::string native = function.header_type == 0 ? native_driver(function, matcher) : "";
    if (native.empty())
        return;
    const bool guarded = candidate != nullptr && candidate->refused->refusal != Refusal::group;
    const std::string refused =
        guarded ? ", refused " + std::string(refusal_word(candidate->refused->refusal)) : std::string();
    found.guarded = found.guarded || guarded;
    found.names.push_back(function.address.text() + " (" + native + refused + ")");
}

Obstacles find_obstacles(unsigned number, const Group& group, Selection& selection, const Matcher& matcher)
{
    Obstacles found;
    for (const Function* function : group.functions)
        add_function(*function, selection, matcher, found);
    const auto others = matcher.machine().other_members.find(number);
    if (others == matcher.machine().other_members.end())
        return found;
    for (const OtherMember& member : others->second) {
        if (harmless_driver(member.driver) || member.driver.empty())
            continue;
        found.names.push_back(member.name + " (" + member.driver + ", no PCI function)");
        found.guarded = true; // with=group cannot take it along
    }
    return found;
}

} // namespace

bool guard_groups(Selection& selection, const GuardContext& context)
{
    bool refused = false;
    for (auto& [number, group] : groups_with_candidates(selection, context.matcher.machine())) {
        const Obstacles obstacles = find_obstacles(number, group, selection, context.matcher);
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

} // namespace vfio_early
