// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"

#include <string>

namespace vfio_early {

/// The whole plan for a person, a step a line, then the refusals with their reasons.
[[nodiscard]] std::string plan_text(const Plan& plan);

} // namespace vfio_early
