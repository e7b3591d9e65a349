// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Reads an unsigned number written in hex digits only; nothing when empty, too long for
/// `max_digits`, or holding any other character.
[[nodiscard]] std::optional<std::uint64_t> parse_hex(std::string_view text, unsigned max_digits = 16);
/// The same for decimal digits; nothing above 2^32-1.
[[nodiscard]] std::optional<std::uint32_t> parse_decimal(std::string_view text);

/// `value` as hex digits, at least `digits` of them.
[[nodiscard]] std::string hex_text(std::uint64_t value, unsigned digits);

/// fnmatch(3)-like match with `*`, `?` and `[...]` (ranges, `!`), as modules.alias uses it. Linear
/// space, no recursion: safe on any input.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);

/// Takes the first piece off `rest`, and the separator behind it. Empty once nothing is left.
[[nodiscard]] std::string_view take_piece(std::string_view& rest, char separator);
/// The pieces between `separator`s; one empty piece for an empty text.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
/// Without white space at either end.
[[nodiscard]] std::string_view trim(std::string_view text);
/// Adds `text` behind the others, unless it is among them.
void add_new(std::vector<std::string>& texts, std::string text);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// A module name as the kernel knows it: '-' written '_' (underscores() in libkmod).
[[nodiscard]] std::string normal_module_name(std::string_view name);

/// True for letters, digits, '_' and '-': what module and profile names are made of.
[[nodiscard]] bool is_name(std::string_view text);

/// ASCII letters in lower case; other bytes stay.
[[nodiscard]] std::string lower_case(std::string_view text);

/// True if two names of modules or drivers differ in '-' and '_' at most.
[[nodiscard]] bool is_same_name(std::string_view one, std::string_view other);

/// The file name without its directories.
[[nodiscard]] std::string_view base_name(std::string_view path);

} // namespace vfio_early
