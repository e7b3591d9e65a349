// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_values.hpp"

namespace vfio_early {

std::optional<std::size_t> read_word(std::string_view text, Span where, std::span<const std::string_view> words,
                                     std::string_view what, Problems& problems)
{
    const auto found = std::ranges::find(words, text);
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    problems.error(where, quoted(text) + " is not " + std::string(what), "one of: %", {{words}});
    return std::nullopt;
}

bool is_name(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::optional<std::string> read_module_name(std::string_view text, Span where, Problems& problems)
{
    if (is_name(text))
        return std::string(text);
    problems.error(where, quoted(text) + " is not the name of a module",
                   "letters, digits, '_' and '-' only, without a directory or .ko");
    return std::nullopt;
}

} // namespace vfio_early
