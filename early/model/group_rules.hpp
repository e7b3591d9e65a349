// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/guard_rules.hpp"

#include <vector>

namespace vfio_early {

/// Refuses every candidate whose IOMMU group VFIO would not call viable: a function of it that is not taken has, or
/// would get, a native driver (iommu_device_use_default_domain() in drivers/iommu/iommu.c; before 5.19
/// vfio_dev_viable()). Bridges with a type 1 header do no harm. True if anything was refused.
bool guard_groups(Selection& selection, const GuardContext& context);

/// The functions that are not taken, have no driver and get none from modules.alias here, but could get one once the
/// real root's modules are there: pinned to nothing, their groups stay viable. Protected and refused ones are left
/// alone.
[[nodiscard]] std::vector<PlannedFunction> functions_to_hold(Selection& selection, const GuardContext& context);

} // namespace vfio_early
