// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <optional>
#include <string_view>

namespace vfio_early {

/// Whether the IOMMU remaps interrupts, from the text of /proc/interrupts: its controllers are then called IR-IO-APIC
/// and IR-PCI-MSI (arch/x86/kernel/apic). Nothing where no controller has such a name, as on other processors.
[[nodiscard]] std::optional<bool> interrupts_remapped(std::string_view interrupts);

/// True if VFIO will open no function for a virtual machine because interrupts are not remapped (EPERM), and nobody has
/// told it that they are safe: allow_unsafe_interrupts of vfio_iommu_type1, or of iommufd where that is not there. We
/// never set it.
[[nodiscard]] bool interrupts_unsafe(const Root& root);

/// What that means, and what is to be done.
inline constexpr std::string_view interrupts_unsafe_text =
    "the IOMMU does not remap interrupts, so that VFIO lets no virtual machine have a function: enable interrupt "
    "remapping in the firmware (with VT-d, x2APIC or AMD-Vi), and take intremap=off from the "
    "kernel command line; whoever trusts every guest may set allow_unsafe_interrupts=1, which vfio-early never does";

} // namespace vfio_early
