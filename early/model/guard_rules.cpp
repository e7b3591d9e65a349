// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/guard_rules.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <optional>

namespace vfio_early {
namespace {

bool skipped(const Function& function, const BootRequest& request)
{
    return std::ranges::any_of(request.skip,
                               [&](const AddressPattern& pattern) { return pattern.matches(function.address); });
}

/// The statement that forbids to take the function; null if none does. `allow=` may overrule what says that / is behind
/// the function.
const ProtectStatement* find_protection(Candidate& candidate, const GuardContext& context)
{
    const bool keeps_driver = candidate.statement->vfs.has_value(); // and so goes on doing what the host needs it for
    for (const ProtectStatement* protect : context.protects) {
        if (keeps_driver && protect->guard != Refusal::policy)
            continue;
        if (!context.matcher.matches(protect->selector, *candidate.function))
            continue;
        if (!candidate.statement->allow.contains(protect->guard))
            return protect;
        candidate.may_hold_root = candidate.may_hold_root || protect->root;
    }
    return nullptr;
}

/// Behind a controller whose driver makes the domain, so that the function is not there before that driver is: VMD
/// (vmd_find_free_domain() in drivers/pci/controller/vmd.c). No statement can take it by mistake.
bool comes_with_a_driver(const Selector& selector)
{
    const AddressPattern* place = selector.path      ? &selector.path->root
                                  : selector.address ? &*selector.address
                                                     : nullptr;
    return place != nullptr && place->domain.value_or(0) > 0xffff;
}

/// What / is on was there when the image was made, and is not there now. It comes late, or has moved: an NVMe drive is
/// its function, and keeps its id in another slot; any other disk may be behind any other controller by now.
bool may_have_moved_to(const Function& function, const ProtectStatement& root)
{
    if (root.guard == Refusal::root_nic)
        return is_network(function.ids);
    const std::vector<IdPattern>& ids = root.selector.ids;
    const bool same = ids.empty() || std::ranges::any_of(ids, [&](const IdPattern& id) {
                          return id.matches(function.ids.vendor, function.ids.device);
                      });
    return can_hold_disks(function.ids) && (same || !is_nvme(function.ids));
}

/// The careful answer where nobody knows what / is on: nothing that it could be on is taken. A USB controller is, since
/// / is hardly ever there; `may_hold_root` has it given back if / does not come.
std::optional<Refusal> careful_refusal(const Function& function, const BootRequest& request)
{
    if (can_hold_disks(function.ids) && !is_usb(function.ids))
        return Refusal::root_disk;
    if (is_network(function.ids) && !request.root.is_local)
        return Refusal::root_nic;
    return std::nullopt;
}

std::string protection_text(const ProtectStatement& protect)
{
    std::string text = protect.because.empty() ? "protected by " + protect.where.short_text() : protect.because;
    return text + (protect.guard == Refusal::policy ? "" : overruled_by(protect.guard));
}

bool lacks_iommu(const Candidate& candidate, const GuardContext& context)
{
    const Function& function = *candidate.function;
    return is_vfio_driver(candidate.driver) && !function.group &&
           !context.matcher.machine().group_comes_with_driver(function) &&
           !candidate.statement->allow.contains(Refusal::no_iommu);
}

std::string no_iommu_text(const GuardContext& context)
{
    return context.matcher.machine().has_iommu() ? "it is in no IOMMU group"
                                                 : "no IOMMU is active; enable it in the firmware (VT-d, AMD-Vi, "
                                                   "SMMU), and intel_iommu=on on an Intel machine";
}

/// A native driver with a screen on it: taking it back hangs or crashes machines.
bool display_in_use(const Candidate& candidate)
{
    const Function& function = *candidate.function;
    return is_display(function.ids) && !function.driver.empty() && !is_vfio_driver(function.driver) &&
           function.driver != candidate.driver && function.driver != "pci-stub";
}

/// Refuses what the kernel command line spares, bridges, and what is protected. True if it did.
bool refuse_untouchable(Candidate& candidate, const GuardContext& context, const char* about_bridges)
{
    const Function& function = *candidate.function;
    if (skipped(function, context.request))
        candidate.refuse(Refusal::skipped, "asked by the kernel command line");
    else if (is_bridge(function.ids, function.header_type))
        candidate.refuse(Refusal::bridge, about_bridges);
    else if (const ProtectStatement* protect = find_protection(candidate, context))
        candidate.refuse(protect->guard, protection_text(*protect));
    return !candidate.taken();
}

void refuse_without_driver(Candidate& candidate, const GuardContext& context)
{
    const std::string module = normal_module_name(candidate.driver);
    if (std::ranges::find(context.request.blacklist, module) != context.request.blacklist.end())
        candidate.refuse(Refusal::driver_missing, module + " is blacklisted on the kernel command line");
    else if (!context.matcher.modules().exists(module))
        candidate.refuse(Refusal::driver_missing, "there is no module " + module + " for this kernel here");
}

} // namespace

RootKnowledge root_knowledge(const Matcher& matcher, const std::vector<const ProtectStatement*>& protects,
                             const SystemFacts* facts)
{
    RootKnowledge knowledge;
    if (facts != nullptr)
        knowledge.unknown = facts->root_unknown;
    for (const ProtectStatement* protect : protects) {
        if (!protect->root)
            continue;
        knowledge.unknown.clear(); // perhaps only this boot has found it
        if (matcher.find(protect->selector).empty() && !comes_with_a_driver(protect->selector))
            knowledge.missing.push_back(protect);
    }
    return knowledge;
}

std::string overruled_by(Refusal guard)
{
    return "; allow=" + std::string(refusal_word(guard)) + " overrules";
}

void guard_function(Candidate& candidate, const GuardContext& context)
{
    if (!candidate.taken())
        return; // two statements disagree
    const Function& function = *candidate.function;
    const RefusalSet& allow = candidate.statement->allow;
    candidate.driver = choose_driver(*candidate.statement, function, context.matcher, context.request);
    const RootKnowledge& root = context.root;
    const auto careful = root.unknown.empty() ? std::nullopt : careful_refusal(function, context.request);
    candidate.may_hold_root =
        careful || (!root.unknown.empty() && is_usb(function.ids)) ||
        std::ranges::any_of(root.missing, [&](const auto* missing) { return may_have_moved_to(function, *missing); });
    const Machine& machine = context.matcher.machine();
    const FramebufferHold hold =
        is_vfio_driver(candidate.driver) ? machine.framebuffer_hold(function) : FramebufferHold::none;
    if (hold == FramebufferHold::evictable)
        candidate.framebuffer = machine.framebuffer_device->name;

    if (refuse_untouchable(candidate, context, "bridges stay with the host"))
        return;
    const auto refuse = [&](Refusal guard, const std::string& why) {
        candidate.refuse(guard, why + overruled_by(guard));
    };
    if (careful && !allow.contains(*careful))
        refuse(*careful, "/ may need it: " + root.unknown);
    else if (lacks_iommu(candidate, context))
        candidate.refuse(Refusal::no_iommu, no_iommu_text(context));
    else if (function.vfs_enabled > 0 && !allow.contains(Refusal::vfs_enabled))
        refuse(Refusal::vfs_enabled, std::to_string(function.vfs_enabled) + " virtual functions are enabled on it");
    else if (display_in_use(candidate) && !allow.contains(Refusal::in_use))
        refuse(Refusal::in_use, function.driver + " already drives this display");
    else if (hold == FramebufferHold::stays && !allow.contains(Refusal::framebuffer))
        refuse(Refusal::framebuffer, "the firmware's framebuffer is in its memory, which no virtual machine could map; "
                                     "boot with initcall_blacklist=sysfb_init");
    else
        refuse_without_driver(candidate, context);
}

void guard_virtual_functions(Candidate& candidate, const GuardContext& context)
{
    if (!candidate.taken())
        return; // two statements disagree
    const Function& function = *candidate.function;
    const unsigned count = candidate.statement->vfs.value_or(0);
    // Variant drivers know the ids of the virtual functions, which nobody knows yet.
    const bool open = candidate.statement->driver == "auto";
    candidate.driver = open ? "vfio-pci" : candidate.statement->driver;

    if (refuse_untouchable(candidate, context, "bridges have no virtual functions"))
        return;
    if (function.virtual_function)
        candidate.refuse(Refusal::policy, "vfs=: it is a virtual function itself");
    else if (function.vfs_possible == 0)
        candidate.refuse(Refusal::policy, "vfs=: it has no SR-IOV");
    else if (function.vfs_possible < count)
        candidate.refuse(Refusal::policy,
                         "vfs=: it can have " + std::to_string(function.vfs_possible) + " virtual functions at most");
    else if (lacks_iommu(candidate, context))
        candidate.refuse(Refusal::no_iommu, no_iommu_text(context));
    else if (function.vfs_enabled > 0 && function.vfs_enabled != count)
        candidate.refuse(Refusal::vfs_enabled,
                         std::to_string(function.vfs_enabled) + " virtual functions are enabled on it");
    else if (is_vfio_driver(function.driver) || function.driver == "pci-stub")
        candidate.refuse(Refusal::policy, "vfs=: " + function.driver + " has it, and not its native driver");
    else
        refuse_without_driver(candidate, context);
}

} // namespace vfio_early
