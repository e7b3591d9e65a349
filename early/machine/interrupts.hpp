// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <optional>
#include <string_view>

namespace vfio_early {

/// Whether the interrupts of a function are kept apart from those of others, from the text of /proc/interrupts. On x86
/// the IOMMU does so by remapping: controllers are then called IR-IO-APIC and IR-PCI-MSI (arch/x86/kernel/apic). On
/// arm64 the ITS of a GICv3 does (drivers/irqchip/irq-gic-v3-its*.c), and a GICv2m does not (irq-gic-v2m.c). Nothing
/// where no controller has such a name.
[[nodiscard]] std::optional<bool> interrupts_isolated(std::string_view interrupts);

/// Why VFIO will open no function for a virtual machine (EPERM), and what is to be done: interrupts are not isolated,
/// and nobody has told it that they are safe by allow_unsafe_interrupts of vfio_iommu_type1, or of iommufd where that
/// is not there. We never set it. Nothing if all is well, or not known.
[[nodiscard]] std::optional<std::string_view> unsafe_interrupts(const Root& root);

} // namespace vfio_early
