// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/words.hpp"

#include "early/model/text.hpp"
#include "hook/edit/operands.hpp"

namespace vfio_early {

std::vector<SourceLine> content_lines(const SourceFile& source, bool continued)
{
    std::vector<SourceLine> lines;
    std::string joined;
    unsigned number = 0;
    unsigned first = 0;
    for (std::string_view part : split(source.text, '\n')) {
        ++number;
        if (joined.empty())
            first = number;
        if (continued && part.ends_with('\\')) {
            part.remove_suffix(1);
            joined += part; // with nothing between, as freadline_wrapped() in kmod's shared/util.c does it
            continue;
        }
        joined += part;
        const std::string_view text = trim(joined);
        if (!text.empty() && !text.starts_with('#'))
            lines.push_back({.file = source.name, .number = first, .text = std::string(text)});
        joined.clear();
    }
    return lines;
}

std::string_view trim_shell(std::string_view word)
{
    constexpr std::string_view around = "\"';&|(){}";
    const auto start = word.find_first_not_of(around);
    if (start == std::string_view::npos)
        return {};
    return word.substr(start, word.find_last_not_of(around) - start + 1);
}

std::optional<Wish> wish_at(std::string_view text)
{
    Wish wish;
    wish.selector.address = parse_operand(std::string(text));
    return wish.selector.address ? std::optional(std::move(wish)) : std::nullopt;
}

} // namespace vfio_early
