// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vfio_early {

/// How many bytes of `text` make up its first character, as UTF-8 has it (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF). 0: the text is empty or does not begin with one.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// The first character of `text` as it may be shown to a terminal, and how many bytes it stands for.
struct PrintableCharacter {
    std::string text;      ///< the character itself, or \xNN for each of its bytes
    std::size_t bytes = 0; ///< at least 1 unless the text was empty
    std::size_t width = 0; ///< columns on a screen, every character taken as one wide
};
/// Control characters (C0, DEL, C1), the marks that turn the direction of writing, and bytes that are not
/// UTF-8 are written \xNN.
[[nodiscard]] PrintableCharacter printable_character(std::string_view text);

/// The whole of `text`, shown so.
[[nodiscard]] std::string printable(std::string_view text);

/// At most `limit` bytes of `text`, cut between two characters.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t limit);

/// 'text', cut where it is too long for a message.
[[nodiscard]] std::string quoted(std::string_view text);

} // namespace vfio_early
