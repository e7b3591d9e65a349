// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "early/model/report.hpp"

#include <span>

namespace vfio_early {

/// The plan as far as it speaks of these functions: for a function that came after the boot. What the plan
/// says of statements that found nothing is left out, too.
[[nodiscard]] Plan keep_only(Plan plan, std::span<const Address> functions);

/// The plan as far as it speaks of virtual functions to create.
[[nodiscard]] Plan keep_virtual_functions(Plan plan);

/// The boot's report with what was found out since: newer outcomes take the place of those of the same function.
[[nodiscard]] Report merge_reports(Report boot, Report newer);

} // namespace vfio_early
