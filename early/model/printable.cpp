// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/printable.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <cstdint>

namespace vfio_early {

namespace {

std::uint32_t byte_at(std::string_view text, std::size_t place)
{
    return static_cast<unsigned char>(text[place]);
}

/// The code point that the first `length` bytes spell, checked by nobody yet.
std::uint32_t code_point(std::string_view text, std::size_t length)
{
    if (length == 1)
        return byte_at(text, 0);
    std::uint32_t value = byte_at(text, 0) & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i)
        value = value << 6U | (byte_at(text, i) & 0x3fU);
    return value;
}

/// What a terminal or an editor would obey rather than show.
bool is_commanding(std::uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

} // namespace

std::size_t utf8_length(std::string_view text)
{
    if (text.empty())
        return 0;
    const std::uint32_t first = byte_at(text, 0);
    if (first < 0x80)
        return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, i) & 0xc0U) != 0x80)
            return 0;
    const std::uint32_t code = code_point(text, length);
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return overlong || surrogate || code > 0x10ffff ? 0 : length;
}

PrintableCharacter printable_character(std::string_view text)
{
    PrintableCharacter shown;
    const std::size_t length = utf8_length(text);
    shown.bytes = std::min(text.size(), std::max<std::size_t>(length, 1));
    if (length != 0 && !is_commanding(code_point(text, length))) {
        shown.text = text.substr(0, length);
        shown.width = 1;
        return shown;
    }
    for (std::size_t i = 0; i < shown.bytes; ++i)
        shown.text += "\\x" + hex_text(byte_at(text, i), 2);
    shown.width = shown.text.size();
    return shown;
}

std::string printable(std::string_view text)
{
    // Nearly every text is plain ASCII.
    if (std::ranges::all_of(text, [](char character) { return character >= ' ' && character < 0x7f; }))
        return std::string(text);
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        const PrintableCharacter character = printable_character(text);
        shown += character.text;
        text.remove_prefix(character.bytes);
    }
    return shown;
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit)
        return text;
    while (limit > 0 && (byte_at(text, limit) & 0xc0U) == 0x80)
        --limit;
    return text.substr(0, limit);
}

std::string quoted(std::string_view text)
{
    constexpr std::size_t longest = 60;
    const std::string_view shown = utf8_prefix(text, longest);
    return '\'' + std::string(shown) + (shown.size() < text.size() ? "...'" : "'");
}

} // namespace vfio_early
