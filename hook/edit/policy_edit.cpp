// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/policy_edit.hpp"

#include "early/model/text.hpp"
#include "hook/edit/lines.hpp"
#include "hook/edit/pin.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

using Lines = std::vector<std::string>;

/// Lines that can be changed.
Lines editable_lines(std::string_view text)
{
    const auto views = lines_of(text);
    return {views.begin(), views.end()};
}

std::string text_of(const Lines& lines)
{
    std::string text;
    for (const std::string& line : lines)
        text += line + '\n';
    return text;
}

bool is_blank(const std::string& line)
{
    return trim(line).empty();
}
bool is_comment(const std::string& line)
{
    return trim(line).starts_with('#');
}

/// The name of a section whose header the line is.
std::optional<std::string_view> header(const std::string& line)
{
    const std::string_view text = trim(line);
    const auto end = text.find(']');
    if (!text.starts_with('[') || end == std::string_view::npos)
        return {};
    return trim(text.substr(1, end - 1));
}

/// Where the section's own text ends: behind its last statement or comment that is not the next header's.
std::size_t end_of_section(const Lines& lines, std::size_t first)
{
    std::size_t end = first;
    while (end < lines.size() && !header(lines[end]))
        ++end;
    if (end < lines.size())
        while (end > first && is_comment(lines[end - 1]))
            --end;
    while (end > first && is_blank(lines[end - 1]))
        --end;
    return end;
}

} // namespace

std::string with_lines_added(std::string_view text, std::string_view profile, const std::vector<std::string>& added)
{
    Lines lines = editable_lines(text);
    std::size_t first = 0;
    if (!profile.empty()) {
        const auto found =
            std::ranges::find_if(lines, [&](const std::string& line) { return header(line) == profile; });
        if (found == lines.end()) {
            if (!lines.empty() && !is_blank(lines.back()))
                lines.emplace_back();
            lines.push_back("[" + std::string(profile) + "]");
            first = lines.size();
        } else {
            first = static_cast<std::size_t>(found - lines.begin()) + 1;
        }
    }
    const std::size_t at = end_of_section(lines, first);
    Lines block = added;
    if (at > 0 && !header(lines[at - 1]))
        block.insert(block.begin(), std::string());
    if (at < lines.size() && !is_blank(lines[at]))
        block.emplace_back();
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), block.begin(), block.end());
    return text_of(lines);
}

std::vector<std::string> own_comments_above(std::string_view text, unsigned number)
{
    const Lines lines = editable_lines(text);
    Lines comments;
    for (std::size_t at = number - 1; at > 0 && at <= lines.size() && commented_address(lines[at - 1]); --at)
        comments.insert(comments.begin(), lines[at - 1]);
    return comments;
}

std::string without_statement(std::string_view text, unsigned number)
{
    Lines lines = editable_lines(text);
    if (number == 0 || number > lines.size())
        return std::string(text);
    const std::size_t above = own_comments_above(text, number).size();
    const std::size_t first = number - 1 - above;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                lines.begin() + static_cast<std::ptrdiff_t>(number));
    const bool blank_before = first == 0 || is_blank(lines[first - 1]);
    const bool blank_after = first == lines.size() || is_blank(lines[first]);
    if (blank_before && blank_after && !lines.empty()) {
        if (first < lines.size())
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first));
        else if (first > 0)
            lines.pop_back();
    }
    return text_of(lines);
}

} // namespace vfio_early
