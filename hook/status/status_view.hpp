// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/status/compare.hpp"
#include "hook/ui/console.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vfio_early {

/// What `status` found.
struct StatusResult {
    Report report;
    std::vector<FunctionStatus> functions;
    std::vector<std::string> bound_since;
    std::vector<std::string> notes;
};

void print_status(const StatusResult& result, Console& console);

/// The schema is described in vfio-earlyctl(8).
[[nodiscard]] nlohmann::ordered_json status_json(const StatusResult& result);

} // namespace vfio_early
