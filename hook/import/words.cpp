// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/words.hpp"

#include "early/model/text.hpp"

namespace vfio_early {

std::vector<std::string_view> blank_words(std::string_view text)
{
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto start = text.find_first_not_of(" \t\r");
        if (start == std::string_view::npos)
            break;
        text.remove_prefix(start);
        const auto end = text.find_first_of(" \t\r");
        words.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end);
    }
    return words;
}

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
        if (!text.empty() && !text.starts_with('#')) {
            SourceLine line;
            line.file = source.name;
            line.number = first;
            line.text = std::string(text);
            lines.push_back(std::move(line));
        }
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
    std::string whole(text);
    if (text.find('.') == std::string_view::npos)
        whole += ".*";
    Wish wish;
    wish.selector.address = parse_address_pattern(whole);
    if (!wish.selector.address)
        return {};
    return wish;
}

} // namespace vfio_early
