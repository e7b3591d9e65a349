// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/ui/console.hpp"

#include <nlohmann/json.hpp>

namespace vfio_early {

/// Prints it for people and programs alike: two spaces a level, ASCII alone (\uNNNN for all else), bytes that are
/// not UTF-8 replaced.
void print_json(const nlohmann::ordered_json& json, Console& console);

} // namespace vfio_early
