// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/last_of_kind.hpp"

#include "early/model/guard_rules.hpp"

#include <algorithm>

namespace vfio_early {
namespace {

/// 3D controllers (0302) have no screen to lose.
bool has_screen(const Function& function)
{
    return is_display(function.ids) && function.ids.subclass() != 0x02 && !function.virtual_function;
}

bool has_network(const Function& function)
{
    return is_network(function.ids) && !function.virtual_function;
}

/// The candidates of a kind, if every function of it is to be taken; none if the host keeps one.
std::vector<Candidate*> all_taken(Selection& selection, const Machine& machine, bool (*is_of_kind)(const Function&))
{
    std::vector<Candidate*> taken;
    for (const Function& function : machine.functions) {
        if (!is_of_kind(function))
            continue;
        Candidate* candidate = selection.find(function);
        if (candidate == nullptr || !candidate->taken())
            return {};
        taken.push_back(candidate);
    }
    return taken;
}

bool refuse(const std::vector<Candidate*>& candidates, Refusal guard, const std::string& what)
{
    bool refused = false;
    for (Candidate* candidate : candidates) {
        if (!candidate->statement->allow.contains(guard)) {
            candidate->refuse(guard, "the host would have no " + what + " left" + overruled_by(guard));
            refused = true;
        }
    }
    return refused;
}

} // namespace

bool guard_last_of_kind(Selection& selection, const Machine& machine)
{
    std::vector<Candidate*> displays = all_taken(selection, machine, has_screen);
    // With several, the host's is the one that the firmware's picture is on.
    const auto firmware = std::ranges::find_if(
        displays, [&](const Candidate* candidate) { return machine.holds_firmware_framebuffer(*candidate->function); });
    if (firmware != displays.end())
        displays = {*firmware};
    const bool display = refuse(displays, Refusal::last_display, "display");
    // Which network card the host is reached over nobody knows before it has an address.
    return refuse(all_taken(selection, machine, has_network), Refusal::last_network, "network card") || display;
}

} // namespace vfio_early
