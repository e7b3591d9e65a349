// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace vfio_early {

/// The word of `words` that `text` was most likely meant to be: at most two letters added, left out,
/// changed or swapped with their neighbour, and fewer than half of the longer of both; upper case is no difference.
/// Nothing if none is near.
[[nodiscard]] std::optional<std::string_view> near_word(std::string_view text, std::span<const std::string_view> words);

} // namespace vfio_early
