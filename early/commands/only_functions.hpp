// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"

#include <span>

namespace vfio_early {

/// The plan as far as it speaks of these functions: for a function that came after the boot. What the plan
/// says of statements that found nothing is left out, too.
[[nodiscard]] Plan keep_only(Plan plan, std::span<const Address> functions);

/// The plan as far as it speaks of virtual functions to create.
[[nodiscard]] Plan keep_virtual_functions(Plan plan);

} // namespace vfio_early
