// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/text.hpp"

namespace vfio_early {

namespace {

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

} // namespace vfio_early
