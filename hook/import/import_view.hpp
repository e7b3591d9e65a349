// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/import/resolve.hpp"
#include "hook/ui/console.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vfio_early {

/// Prints a policy; what is to be done with the old lines stands in its comments. `all`: also for lines that have
/// nothing to do with binding.
void print_import(const Imported& imported, bool all, Console& console);

/// The schema is described in vfio-earlyctl(8).
[[nodiscard]] nlohmann::ordered_json import_json(const Imported& imported);

/// All lines for the policy, blocks parted by blank lines.
[[nodiscard]] std::vector<std::string> policy_lines(const Imported& imported);

} // namespace vfio_early
