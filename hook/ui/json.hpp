// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/ui/console.hpp"

#include <nlohmann/json.hpp>

namespace vfio_early {

/// Prints it for people and programs alike: two spaces a level, ASCII alone (\uNNNN for all else), bytes that are
/// not UTF-8 replaced.
void print_json(const nlohmann::ordered_json& json, Console& console);

/// null for an empty text.
[[nodiscard]] inline nlohmann::ordered_json text_or_null(const std::string& text)
{
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

} // namespace vfio_early
