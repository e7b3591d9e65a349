// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/boot_request.hpp"

namespace vfio_early {

namespace {

/// isspace() of lib/ctype.c: the no-break space of Latin-1 is one, too.
bool is_kernel_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

/// One word as next_arg() in lib/cmdline.c takes it: quotes keep white space together wherever they stand;
/// they are taken away only around the whole word and around the value.
std::string without_quotes(std::string_view word)
{
    const auto equals = word.find('=');
    if (word.starts_with('"')) {
        word.remove_prefix(1);
        if (word.ends_with('"'))
            word.remove_suffix(1);
        return std::string(word);
    }
    if (equals == std::string_view::npos || equals == 0 || !word.substr(equals + 1).starts_with('"'))
        return std::string(word);
    std::string_view value = word.substr(equals + 2);
    if (value.ends_with('"'))
        value.remove_suffix(1);
    return std::string(word.substr(0, equals + 1)) + std::string(value);
}

} // namespace

std::vector<std::string> command_line_words(std::string_view command_line)
{
    std::vector<std::string> words;
    for (std::size_t place = 0; place < command_line.size(); ++place) {
        if (is_kernel_space(command_line[place]))
            continue;
        const std::size_t start = place;
        bool in_quotes = false;
        for (; place < command_line.size() && (in_quotes || !is_kernel_space(command_line[place])); ++place)
            in_quotes ^= command_line[place] == '"';
        std::string word = without_quotes(command_line.substr(start, place - start));
        if (word == "--")
            break;
        words.push_back(std::move(word));
    }
    return words;
}

std::vector<BootParameter> boot_parameters(std::string_view command_line)
{
    std::vector<BootParameter> parameters;
    for (const std::string& word : command_line_words(command_line))
        if (const auto equals = word.find('='); equals != std::string::npos)
            parameters.push_back({word.substr(0, equals), word.substr(equals + 1)});
    return parameters;
}

} // namespace vfio_early
