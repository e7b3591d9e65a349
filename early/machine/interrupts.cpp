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
    // Where VFIO has groups, their containers ask; else iommufd does.
    const std::string module = root.exists("sys/class/vfio") ? "vfio_iommu_type1" : "iommufd";
    const bool allowed =
        root.read_line("sys/module/" + module + "/parameters/allow_unsafe_interrupts").value_or("") == "Y";
    const auto interrupts = root.read("proc/interrupts", 16U << 20U);
    return interrupts && interrupts_remapped(*interrupts) == false && !allowed;
}

} // namespace vfio_early
