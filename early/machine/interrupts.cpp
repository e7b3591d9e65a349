// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/interrupts.hpp"

#include <string>

namespace vfio_early {

std::optional<bool> interrupts_remapped(std::string_view interrupts)
{
    // The IOMMU's own interrupts (DMAR-MSI, PCI-MSI of AMD-Vi) are never remapped: one other that is remapped is proof
    // enough.
    if (interrupts.contains(" IR-"))
        return true;
    if (interrupts.contains(" IO-APIC") || interrupts.contains(" PCI-MSI"))
        return false;
    return std::nullopt;
}

bool interrupts_unsafe(const Root& root)
{
    const auto allows = [&](const std::string& module) {
        return root.read_line("sys/module/" + module + "/parameters/allow_unsafe_interrupts");
    };
    // VFIO's containers ask their own module, and iommufd is asked where there are none.
    const auto containers = allows("vfio_iommu_type1");
    const bool allowed = (containers ? *containers : allows("iommufd").value_or("")) == "Y";
    const auto interrupts = root.read("proc/interrupts", 16U << 20U);
    return interrupts && interrupts_remapped(*interrupts) == false && !allowed;
}

} // namespace vfio_early
