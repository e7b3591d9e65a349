// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vfio_early {

/// A plan, and a list of diagnostics. The schema is described in vfio-earlyctl(8).
[[nodiscard]] nlohmann::ordered_json plan_json(const Plan& plan);
[[nodiscard]] nlohmann::ordered_json diagnostics_json(const std::vector<Diagnostic>& diagnostics);

/// "0000:05:00.0 144d:a80a refused: root-disk: / is on nvme0n1p2"
[[nodiscard]] std::string refusal_text(const RefusedFunction& refused);

/// "policy with 2 statements: 3 functions will be bound, 1 refused"; without a plan only the first half.
[[nodiscard]] std::string summary_text(const Policy& policy, const Plan* plan);

} // namespace vfio_early
