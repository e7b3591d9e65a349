// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/resolve.hpp"

#include "early/model/text.hpp"
#include "hook/edit/pin.hpp"
#include "hook/import/module_words.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace vfio_early::import_parts {

namespace {

/// Drivers that people blacklist for a virtual machine. A line against one that no function of this machine needs can
/// go; why other modules are blacklisted is not known.
bool is_usual(const std::string& module)
{
    constexpr std::array<std::string_view, 9> names{"nouveau", "nova_core", "nova_drm", "rivafb",       "amdgpu",
                                                    "radeon",  "i915",      "xe",       "snd_hda_intel"};
    return module.starts_with("nvidia") || std::ranges::find(names, module) != names.end();
}

/// The functions that a module would drive.
struct Reach {
    std::set<Address> taken;       ///< by the policy
    std::set<Address> idle;        ///< left to the host, and not driven by another of its modules now
    std::vector<std::string> kept; ///< left to the host, which drives them otherwise: "0000:02:00.0 (nvidia)"
};

Reach reach_of(const std::string& module, const std::set<Address>& taken, const ImportContext& context)
{
    Reach reach;
    for (const Function& function : context.matcher.machine().functions) {
        const auto& native = context.matcher.native_modules(function).names;
        if (std::ranges::find(native, module) == native.end())
            continue;
        if (taken.contains(function.address))
            reach.taken.insert(function.address);
        else if (function.driver.empty() || normal_module_name(function.driver) == module ||
                 takes_functions(normal_module_name(function.driver)))
            reach.idle.insert(function.address);
        else
            reach.kept.push_back(fmt::format("{} ({})", function.address.text(), function.driver));
    }
    return reach;
}

/// Whether the line is still needed for one module, and why.
struct Opinion {
    LineFate fate = LineFate::unrelated;
    std::string why;
};

Opinion opinion_on(const std::string& module, const std::set<Address>& taken, const ImportContext& context)
{
    const Reach reach = reach_of(module, taken, context);
    if (!reach.kept.empty())
        return {LineFate::keep,
                fmt::format("it also keeps {} from {}, which the host drives", module, join(reach.kept, ", "))};
    if (reach.taken.empty() && reach.idle.empty()) {
        if (!is_usual(module))
            return {LineFate::unrelated, module + " is not about binding"};
        return {LineFate::remove, "no function of this machine is for " + module};
    }
    if (reach.taken.empty())
        return {LineFate::keep,
                fmt::format("{} is for {}, which the policy leaves to the host", module, address_list(reach.idle))};
    std::string why =
        fmt::format("{} {} bound before {} can see {}", address_list(reach.taken),
                    reach.taken.size() == 1 ? "is" : "are", module, reach.taken.size() == 1 ? "it" : "them");
    if (!reach.idle.empty())
        why += fmt::format("; without the line {} also drives {} again", module, address_list(reach.idle));
    return {LineFate::remove, why};
}

} // namespace

void settle_blacklists(std::vector<SourceLine>& lines, const std::set<Address>& taken, const ImportContext& context)
{
    for (SourceLine& line : lines) {
        if (line.blocked_modules.empty() || line.fate != LineFate::unrelated)
            continue;
        bool related = false;
        std::vector<std::string> reasons;
        line.fate = LineFate::remove;
        for (const std::string& module : line.blocked_modules) {
            Opinion opinion = opinion_on(module, taken, context);
            related = related || opinion.fate != LineFate::unrelated;
            reasons.push_back(std::move(opinion.why));
            if (opinion.fate != LineFate::remove)
                line.fate = LineFate::keep;
        }
        line.why = join(reasons, "; ");
        if (!related)
            line.settle(LineFate::unrelated, "not about binding");
    }
}

} // namespace vfio_early::import_parts
