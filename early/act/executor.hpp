// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"
#include "early/model/plan.hpp"
#include "early/model/report.hpp"

namespace vfio_early {

/// Carries a plan out and reports what the kernel says of each function afterwards. However its effects
/// fail, each function of the plan ends bound, released (override cleared, native driver probed) or, with
/// on-failure=hold, held; never between. A plan in dry-run mode is not to be passed.
[[nodiscard]] Report execute(const Plan& plan, Kernel& kernel);

} // namespace vfio_early
