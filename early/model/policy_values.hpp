// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_tokens.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace vfio_early {

/// The place of `text` among `words`; otherwise an error that names them, and nothing. `what` is "a reset method".
[[nodiscard]] std::optional<std::size_t> read_word(std::string_view text, Span where,
                                                   std::span<const std::string_view> words, std::string_view what,
                                                   Problems& problems);

/// True for letters, digits, '_' and '-': what module and profile names are made of.
[[nodiscard]] bool is_name(std::string_view text);

/// A module name as written, or an error and nothing.
[[nodiscard]] std::optional<std::string> read_module_name(std::string_view text, Span where, Problems& problems);

} // namespace vfio_early
