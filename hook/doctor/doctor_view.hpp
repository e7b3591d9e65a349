// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/doctor/survey.hpp"
#include "hook/ui/console.hpp"

#include <nlohmann/json.hpp>
#include <vector>

namespace vfio_early {

void print_findings(const std::vector<Finding>& findings, Console& console);

/// The schema is described in vfio-earlyctl(8).
[[nodiscard]] nlohmann::ordered_json findings_json(const std::vector<Finding>& findings);

} // namespace vfio_early
