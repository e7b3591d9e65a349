// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace vfio_early {

namespace {

/// The whole of `text` as an unsigned number: of those std::from_chars() takes no sign, no blank and no "0x".
template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base)
{
    Number value{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() && stop == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Where the bracket expression that starts at `open` ends (the place of its `]`); npos if it never does.
/// A `]` right after `[` or `[!` is an ordinary character, as in fnmatch(3).
std::size_t bracket_end(std::string_view pattern, std::size_t open)
{
    std::size_t first = open + 1;
    if (first < pattern.size() && pattern[first] == '!')
        ++first;
    return first < pattern.size() ? pattern.find(']', first + 1) : std::string_view::npos;
}

bool bracket_matches(std::string_view inside, char c)
{
    const bool wanted = inside.front() != '!';
    if (!wanted)
        inside.remove_prefix(1);
    const auto value = static_cast<unsigned char>(c);
    for (std::size_t i = 0; i < inside.size(); ++i) {
        const auto low = static_cast<unsigned char>(inside[i]);
        auto high = low;
        if (i + 2 < inside.size() && inside[i + 1] == '-') {
            high = static_cast<unsigned char>(inside[i + 2]);
            i += 2;
        }
        if (low <= value && value <= high)
            return wanted;
    }
    return !wanted;
}

/// Matches one character and moves `place` behind the piece of the pattern that did it.
bool one_matches(std::string_view pattern, std::size_t& place, char c)
{
    if (pattern[place] == '[') {
        const std::size_t end = bracket_end(pattern, place);
        if (end != std::string_view::npos) {
            const bool matches = bracket_matches(pattern.substr(place + 1, end - place - 1), c);
            place = end + 1;
            return matches;
        }
        // No closing bracket: an ordinary character.
    }
    return pattern[place++] == c || pattern[place - 1] == '?';
}

} // namespace

std::optional<std::uint64_t> parse_hex(std::string_view text, unsigned max_digits)
{
    return text.size() <= std::min(max_digits, 16U) ? parse_number<std::uint64_t>(text, 16) : std::nullopt;
}

std::optional<std::uint32_t> parse_decimal(std::string_view text)
{
    return parse_number<std::uint32_t>(text, 10);
}

std::string hex_text(std::uint64_t value, unsigned digits)
{
    for (std::uint64_t rest = digits < 16 ? value >> 4U * digits : 0; rest != 0; rest >>= 4U)
        ++digits;
    std::string text(digits, '0');
    for (; value != 0; value >>= 4U)
        text[--digits] = "0123456789abcdef"[value & 0xfU];
    return text;
}

bool glob_match(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0;
    std::size_t t = 0;
    // Only the last `*` need ever be tried again with more text: what stands before it has matched as
    // early as it could. So the work is bounded by the product of both lengths.
    std::size_t after_star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            after_star = ++p;
            star_text = t;
            continue;
        }
        if (p < pattern.size() && one_matches(pattern, p, text[t])) {
            ++t;
            continue;
        }
        if (after_star == std::string_view::npos)
            return false;
        p = after_star;
        t = ++star_text;
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

std::string_view take_piece(std::string_view& rest, char separator)
{
    const std::string_view piece = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
    return piece;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    parts.reserve(static_cast<std::size_t>(std::ranges::count(text, separator)) + 1);
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view white = " \t\n\v\f\r";
    text.remove_prefix(std::min(text.find_first_not_of(white), text.size()));
    return text.substr(0, text.find_last_not_of(white) + 1);
}

void add_new(std::vector<std::string>& texts, std::string text)
{
    if (std::ranges::find(texts, text) == texts.end())
        texts.push_back(std::move(text));
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string text;
    for (const std::string& part : parts) {
        if (&part != &parts.front())
            text += separator;
        text += part;
    }
    return text;
}

std::string normal_module_name(std::string_view name)
{
    std::string normal(name);
    std::ranges::replace(normal, '-', '_');
    return normal;
}

bool is_name(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string lower_case(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

bool is_same_name(std::string_view one, std::string_view other)
{
    const auto normal = [](char c) { return c == '-' ? '_' : c; };
    return std::ranges::equal(one, other, {}, normal, normal);
}

std::string_view base_name(std::string_view path)
{
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0: no slash, the whole
}

} // namespace vfio_early
