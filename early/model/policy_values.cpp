// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_values.hpp"

namespace vfio_early {

std::optional<std::size_t> read_word(std::string_view text, Span where, std::span<const std::string_view> words,
                                     std::string_view what, Problems& problems)
{
    const auto found = std::ranges::find(words, text);
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    std::string hint = near_word_hint(text, words);
    if (hint.empty())
        hint = "one of: " + word_list(words);
    problems.error(where, quoted(text) + " is not " + std::string(what), std::move(hint));
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

std::string word_list(std::span<const std::string_view> words)
{
    std::string text;
    for (const std::string_view word : words) {
        if (!text.empty())
            text += ", ";
        text += word;
    }
    return text;
}

} // namespace vfio_early
