// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/interrupts.hpp"

#include <string>

namespace vfio_early {

namespace {

constexpr std::string_view not_remapped =
    "the IOMMU does not remap interrupts, so that VFIO lets no virtual machine have a function: enable interrupt "
    "remapping in the firmware (with VT-d, x2APIC or AMD-Vi), and take intremap=off from the "
    "kernel command line; whoever trusts every guest may set allow_unsafe_interrupts=1, which vfio-early never does";
constexpr std::string_view no_its = "the interrupt controller has no ITS, as a GICv3 has, so that VFIO lets no virtual "
                                    "machine have a function; whoever "
                                    "trusts every guest may set allow_unsafe_interrupts=1, which vfio-early never does";

bool is_gic(std::string_view interrupts)
{
    return interrupts.contains(" GIC");
}

} // namespace

std::optional<bool> interrupts_isolated(std::string_view interrupts)
{
    // The IOMMU's own interrupts (DMAR-MSI, PCI-MSI of AMD-Vi) are never remapped: one other that is remapped is proof
    // enough.
    if (interrupts.contains(" IR-") || interrupts.contains(" ITS-"))
        return true;
    if (interrupts.contains(" IO-APIC") || interrupts.contains(" GICv2m-"))
        return false;
    // Some host bridges of arm64 call theirs so, too, and a GIC tells such a machine.
    if (interrupts.contains(" PCI-MSI") && !is_gic(interrupts))
        return false;
    return std::nullopt;
}

std::optional<std::string_view> unsafe_interrupts(const Root& root)
{
    const auto allows = [&](const std::string& module) {
        return root.read_line("sys/module/" + module + "/parameters/allow_unsafe_interrupts");
    };
    // VFIO's containers ask their own module, and iommufd is asked where there are none.
    const auto containers = allows("vfio_iommu_type1");
    const bool allowed = (containers ? *containers : allows("iommufd").value_or("")) == "Y";
    const auto interrupts = root.read("proc/interrupts", 16U << 20U);
    if (!interrupts || interrupts_isolated(*interrupts) != false || allowed)
        return std::nullopt;
    return is_gic(*interrupts) ? no_its : not_remapped;
}

} // namespace vfio_early
