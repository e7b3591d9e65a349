// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/kernel_limits.hpp"

#include "early/machine/interrupts.hpp"
#include "early/machine/module_catalog.hpp"
#include "early/model/driver_choice.hpp"
#include "early/model/text.hpp"
#include "hook/doctor/checks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early {

namespace {

std::string signatures_asked_by(const Root& root)
{
    constexpr const char* parameter = "sys/module/module/parameters/sig_enforce";
    constexpr const char* lockdown = "sys/kernel/security/lockdown";
    if (root.read_line(parameter).value_or("") == "Y")
        return fmt::format("/{} is Y", parameter);
    // The mode that holds stands in brackets: "none [integrity] confidentiality".
    const std::string modes = root.read_line(lockdown).value_or("");
    const bool locked = modes.contains('[') && !modes.contains("[none]");
    return locked ? fmt::format("/{}: {}", lockdown, modes) : std::string();
}

std::vector<std::string> unsigned_modules(const Root& root, const Plan& plan)
{
    std::vector<std::string> found;
    const auto modules = open_module_index(root);
    if (!modules)
        return found;
    const auto look_at = [&](const std::string& name) {
        if (modules->is_signed(name) == false && std::ranges::find(found, name) == found.end())
            found.push_back(name);
    };
    for (const Step& step : plan.steps) {
        if (step.kind != Step::Kind::load)
            continue;
        std::ranges::for_each(modules->dependencies(step.subject), look_at);
        look_at(normal_module_name(step.subject));
    }
    return found;
}

} // namespace

KernelLimits read_kernel_limits(const Root& root, const Plan& plan)
{
    KernelLimits limits;
    limits.signatures_asked_by = signatures_asked_by(root);
    if (!limits.signatures_asked_by.empty())
        limits.unsigned_modules = unsigned_modules(root, plan);
    limits.denylist_off = root.read_line("sys/module/vfio_pci/parameters/disable_denylist").value_or("") == "Y";
    limits.interrupts_unsafe = unsafe_interrupts(root).has_value();
    return limits;
}

checks::Findings checks::modules_not_signed(const Survey& survey)
{
    Findings findings;
    for (const std::string& module : survey.limits.unsigned_modules)
        findings.push_back({.id = "module-not-signed",
                            .severity = Severity::error,
                            .summary = fmt::format("{} is not signed, and this kernel loads no such module", module),
                            .evidence = {survey.limits.signatures_asked_by},
                            .remedy = {"Sign it with a key that mokutil --import has enrolled, as DKMS does, or",
                                       "take the module of the distribution."}});
    return findings;
}

checks::Findings checks::denied_functions(const Survey& survey)
{
    Findings findings;
    const auto has_another_driver = [&](const Function& function) {
        return std::ranges::any_of(survey.outlook.plan.functions, [&](const PlannedFunction& planned) {
            return planned.address == function.address && planned.driver != "vfio-pci";
        });
    };
    for (const Function* function : survey.wanted) {
        if (!is_denied_by_vfio_pci(function->ids) || survey.limits.denylist_off || has_another_driver(*function))
            continue;
        findings.push_back(
            {.id = "vfio-denylist",
             .severity = Severity::error,
             .summary = fmt::format("vfio-pci refuses {}: its denylist has {}", function->address.text(),
                                    function->ids.id_text()),
             .evidence =
                 {"the device has errata that a guest could use against the host (vfio_pci_dev_in_denylist() in "
                  "the kernel)"},
             .remedy = {"Leave it to the host, or",
                        "where every guest is trusted, write \"options vfio-pci disable_denylist=1\" into a file of "
                        "/etc/modprobe.d, and make the image anew. vfio-early never sets this."}});
    }
    return findings;
}

checks::Findings checks::interrupts_not_remapped(const Survey& survey)
{
    if (!survey.boot.groups || !survey.limits.interrupts_unsafe)
        return {};
    const std::string allow =
        "where every guest is trusted, write \"options vfio_iommu_type1 allow_unsafe_interrupts=1\" "
        "(with iommufd, \"options iommufd allow_unsafe_interrupts=1\") into a file of "
        "/etc/modprobe.d, and make the image anew. vfio-early never sets this.";
    if (survey.boot.cpu == CpuVendor::arm)
        return {
            {.id = "interrupts-not-remapped",
             .severity = Severity::error,
             .summary = "The interrupt controller has no ITS, and VFIO then lets no virtual machine have a function",
             .evidence = {"/proc/interrupts names a controller GICv2m, and none ITS"},
             .remedy = {"Use a machine with a GICv3 and its ITS (in QEMU, -machine virt,gic-version=3), or", allow}}};
    return {{.id = "interrupts-not-remapped",
             .severity = Severity::error,
             .summary = "The IOMMU does not remap interrupts, and VFIO then lets no virtual machine have a function",
             .evidence = {"/proc/interrupts names no controller IR-IO-APIC or IR-PCI-MSI"},
             .remedy = {"In the firmware setup enable interrupt remapping (with VT-d, x2APIC or AMD-Vi), and take "
                        "intremap=off from the kernel command line, or",
                        allow}}};
}

} // namespace vfio_early
