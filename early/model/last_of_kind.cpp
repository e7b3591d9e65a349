// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/guard_rules.hpp"

#include <algorithm>

namespace vfio_early {
namespace {

/// 3D controllers (0302) have no screen to lose.
bool has_screen(const Ids& ids)
{
    return is_display(ids) && ids.subclass() != 0x02;
}

/// 0d, and 0280 ("other network"), which is what Wi-Fi cards are.
bool is_wireless(const Ids& ids)
{
    return ids.base_class() == 0x0d || ids.class_code >> 8U == 0x0280;
}

/// The host has it, or can have it.
bool is_usable(const Function& function, const Matcher& matcher)
{
    const std::string& decided = function.driver.empty() ? function.driver_override : function.driver;
    if (!decided.empty())
        return !is_vfio_driver(decided) && decided != "pci-stub" && decided != "none";
    if (is_display(function.ids))
        return true; // without a driver it shows the firmware's picture
    const NativeModules& native = matcher.native_modules(function);
    return !native.names.empty() || !native.known;
}

/// The candidates of a kind, if every function of it is to be taken; none if the host keeps one.
template <typename Kind>
std::vector<Candidate*> all_taken(Selection& selection, const Matcher& matcher, const Kind& is_of_kind)
{
    std::vector<Candidate*> taken;
    for (const Function& function : matcher.machine().functions) {
        if (function.virtual_function || !is_of_kind(function.ids))
            continue;
        Candidate* candidate = selection.find(function);
        if (candidate != nullptr && candidate->taken())
            taken.push_back(candidate);
        else if (is_usable(function, matcher))
            return {};
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

bool guard_last_of_kind(Selection& selection, const Matcher& matcher)
{
    std::vector<Candidate*> displays = all_taken(selection, matcher, has_screen);
    // With several, the host's is the one that the firmware's picture is on.
    const auto firmware = std::ranges::find_if(displays, [&](const Candidate* candidate) {
        return matcher.machine().holds_firmware_framebuffer(*candidate->function);
    });
    if (firmware != displays.end())
        displays = {*firmware};
    const bool display = refuse(displays, Refusal::last_display, "display");
    // Which network card the host is reached over nobody knows before it has an address.
    const auto wired = [](const Ids& ids) { return is_network(ids) && !is_wireless(ids); };
    const bool last_wired = refuse(all_taken(selection, matcher, wired), Refusal::last_network, "network card");
    return refuse(all_taken(selection, matcher, is_network), Refusal::last_network, "network card") || last_wired ||
           display;
}

} // namespace vfio_early
