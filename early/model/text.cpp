// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

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
