// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/guard_rules.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <optional>

namespace vfio_early {
namespace {

bool blacklisted(const BootRequest& request, const std::string& module)
{
    return std::ranges::find(request.blacklist, module) != request.blacklist.end();
}

/// Module names have '_'; these two drivers call themselves otherwise (vfio_pci.c and pci-stub.c: .name).
std::string driver_name(const std::string& module)
{
    const std::string normal = normal_module_name(module);
    if (normal == "vfio_pci")
        return "vfio-pci";
    return normal == "pci_stub" ? "pci-stub" : module;
}

std::string choose_driver(const Candidate& candidate, const GuardContext& context)
{
    if (candidate.statement->driver != "auto")
        return driver_name(candidate.statement->driver);
    // Variant drivers carry their ids with this prefix since Linux 5.16 (PCI_ID_F_VFIO_DRIVER_OVERRIDE).
    const ModuleCatalog& modules = context.matcher.modules();
    for (const std::string& module : modules.modules_for("vfio_" + candidate.function->ids.modalias()))
        if (module != "vfio_pci" && modules.exists(module) && !blacklisted(context.request, module))
            return module;
    return "vfio-pci";
}

bool skipped(const Function& function, const BootRequest& request)
{
    return std::ranges::any_of(request.skip,
                               [&](const AddressPattern& pattern) { return pattern.matches(function.address); });
}

const ProtectStatement* protector(const Candidate& candidate, const GuardContext& context)
{
    for (const ProtectStatement* protect : context.protects) {
        if (!candidate.statement->allow.contains(protect->guard) &&
            context.matcher.matches(protect->selector, *candidate.function)) {
            return protect;
        }
    }
    return nullptr;
}

std::string protection_text(const ProtectStatement& protect)
{
    std::string text = protect.because.empty() ? "protected by " + protect.where.short_text() : protect.because;
    return text + (protect.guard == Refusal::policy ? "" : overruled_by(protect.guard));
}

std::string no_iommu_text(const GuardContext& context)
{
    return context.matcher.machine().has_iommu() ? "it is in no IOMMU group"
                                                 : "no IOMMU is active; enable VT-d or AMD-Vi in the firmware, and "
                                                   "intel_iommu=on on an Intel machine";
}

/// A native driver with a screen on it: taking it back hangs or crashes machines.
bool display_in_use(const Candidate& candidate)
{
    const Function& function = *candidate.function;
    return is_display(function.ids) && !function.driver.empty() && !is_vfio_driver(function.driver) &&
           function.driver != candidate.driver && function.driver != "pci-stub";
}

/// 3D controllers (0302) have no screen to lose.
bool has_screen(const Function& function)
{
    return is_display(function.ids) && function.ids.subclass() != 0x02 && !function.virtual_function;
}

} // namespace

bool is_vfio_driver(std::string_view driver)
{
    return driver.find("vfio") != std::string_view::npos;
}

std::string overruled_by(Refusal guard)
{
    return "; allow=" + std::string(refusal_word(guard)) + " overrules";
}

void guard_function(Candidate& candidate, const GuardContext& context)
{
    if (candidate.refused)
        return; // two statements disagree
    const Function& function = *candidate.function;
    const RefusalSet& allow = candidate.statement->allow;
    candidate.driver = choose_driver(candidate, context);
    const std::string module = normal_module_name(candidate.driver);

    if (skipped(function, context.request)) {
        candidate.refuse(Refusal::skipped, "asked by the kernel command line");
    } else if (is_bridge(function.ids, function.header_type)) {
        candidate.refuse(Refusal::bridge, "bridges stay with the host");
    } else if (const ProtectStatement* protect = protector(candidate, context)) {
        candidate.refuse(protect->guard, protection_text(*protect));
    } else if (!function.has_driver_override) {
        candidate.refuse(Refusal::policy, "this kernel has no driver_override for it");
    } else if (is_vfio_driver(candidate.driver) && !function.group && !allow.contains(Refusal::no_iommu)) {
        candidate.refuse(Refusal::no_iommu, no_iommu_text(context));
    } else if (function.vfs_enabled > 0 && !allow.contains(Refusal::vfs_enabled)) {
        candidate.refuse(Refusal::vfs_enabled, std::to_string(function.vfs_enabled) +
                                                   " virtual functions are enabled on it" +
                                                   overruled_by(Refusal::vfs_enabled));
    } else if (display_in_use(candidate) && !allow.contains(Refusal::in_use)) {
        candidate.refuse(Refusal::in_use,
                         function.driver + " already drives this display" + overruled_by(Refusal::in_use));
    } else if (blacklisted(context.request, module)) {
        candidate.refuse(Refusal::driver_missing, module + " is blacklisted on the kernel command line");
    } else if (!context.matcher.modules().exists(module)) {
        candidate.refuse(Refusal::driver_missing, "there is no module " + module + " for this kernel here");
    }
}

void guard_virtual_functions(Candidate& candidate, const GuardContext& context)
{
    if (candidate.refused)
        return; // two statements disagree
    const Function& function = *candidate.function;
    const RefusalSet& allow = candidate.statement->allow;
    const unsigned count = candidate.statement->vfs.value_or(0);
    // Variant drivers know the ids of the virtual functions, which nobody knows yet.
    const bool open = candidate.statement->driver == "auto";
    candidate.driver = open ? "vfio-pci" : driver_name(candidate.statement->driver);
    const std::string module = normal_module_name(candidate.driver);

    if (skipped(function, context.request)) {
        candidate.refuse(Refusal::skipped, "asked by the kernel command line");
    } else if (is_bridge(function.ids, function.header_type)) {
        candidate.refuse(Refusal::bridge, "bridges have no virtual functions");
    } else if (const ProtectStatement* protect = protector(candidate, context)) {
        candidate.refuse(protect->guard, protection_text(*protect));
    } else if (function.virtual_function) {
        candidate.refuse(Refusal::policy, "vfs=: it is a virtual function itself");
    } else if (function.vfs_possible < count) {
        candidate.refuse(Refusal::policy, function.vfs_possible == 0
                                              ? "vfs=: it has no SR-IOV"
                                              : "vfs=: it can have " + std::to_string(function.vfs_possible) +
                                                    " virtual functions at most");
    } else if (is_vfio_driver(candidate.driver) && !function.group && !allow.contains(Refusal::no_iommu)) {
        candidate.refuse(Refusal::no_iommu, no_iommu_text(context));
    } else if (function.vfs_enabled > 0 && function.vfs_enabled != count) {
        candidate.refuse(Refusal::vfs_enabled,
                         std::to_string(function.vfs_enabled) + " virtual functions are enabled on it");
    } else if (is_vfio_driver(function.driver) || function.driver == "pci-stub") {
        candidate.refuse(Refusal::policy, "vfs=: " + function.driver + " has it, and not its native driver");
    } else if (blacklisted(context.request, module)) {
        candidate.refuse(Refusal::driver_missing, module + " is blacklisted on the kernel command line");
    } else if (!context.matcher.modules().exists(module)) {
        candidate.refuse(Refusal::driver_missing, "there is no module " + module + " for this kernel here");
    }
}

bool guard_last_display(Selection& selection, const Machine& machine)
{
    std::vector<Candidate*> taken;
    for (const Function& function : machine.functions) {
        if (!has_screen(function))
            continue;
        Candidate* candidate = selection.find(function);
        if (candidate == nullptr || !candidate->taken())
            return false; // the host keeps this one
        taken.push_back(candidate);
    }
    // With several, the host's is the one that the firmware's picture is on.
    const auto firmware = std::ranges::find_if(
        taken, [&](const Candidate* candidate) { return machine.holds_firmware_framebuffer(*candidate->function); });
    if (firmware != taken.end())
        taken = {*firmware};
    bool refused = false;
    for (Candidate* candidate : taken) {
        if (!candidate->statement->allow.contains(Refusal::last_display)) {
            candidate->refuse(Refusal::last_display,
                              "the host would have no display left" + overruled_by(Refusal::last_display));
            refused = true;
        }
    }
    return refused;
}

} // namespace vfio_early
