// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/policy_edit.hpp"

#include "early/model/text.hpp"
#include "hook/edit/lines.hpp"
#include "hook/edit/pin.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Lines that can be changed, without the byte order mark before the first and the CR that ends each where the text
/// comes from Windows.
Lines editable_lines(std::string_view text)
{
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    const auto views = lines_of(text);
    return {views.begin(), views.end()};
}

bool ends_lines_with_cr(std::string_view text)
{
    return text.substr(0, text.find('\n')).ends_with('\r');
}

/// The lines as a text that begins, and whose new lines end, as `before` does.
std::string text_of(const Lines& lines, std::string_view before)
{
    std::string text(before.starts_with(byte_order_mark) ? byte_order_mark : "");
    const bool cr = ends_lines_with_cr(before);
    for (const std::string& line : lines)
        text += line + (cr && !line.ends_with('\r') ? "\r\n" : "\n");
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
    return text_of(lines, text);
}

std::size_t own_comments_above(std::span<const std::string_view> lines, unsigned number)
{
    std::size_t count = 0;
    while (count + 1 < number && number <= lines.size() && commented_address(lines[number - 2 - count]))
        ++count;
    return count;
}

std::string without_statements(std::string_view text, const std::set<unsigned>& numbers)
{
    Lines lines = editable_lines(text);
    const std::vector<std::string_view> views(lines.begin(), lines.end());
    std::vector<bool> goes(lines.size());
    for (const unsigned number : numbers)
        if (number != 0 && number <= lines.size())
            std::fill_n(goes.begin() + static_cast<std::ptrdiff_t>(number - 1 - own_comments_above(views, number)),
                        own_comments_above(views, number) + 1, true);
    Lines left;
    for (std::size_t at = 0; at < lines.size();) {
        if (!goes[at]) {
            left.push_back(std::move(lines[at++]));
            continue;
        }
        while (at < lines.size() && goes[at])
            ++at;
        const bool blank_before = left.empty() || is_blank(left.back());
        const bool blank_after = at == lines.size() || is_blank(lines[at]);
        if (!blank_before || !blank_after)
            continue;
        if (at < lines.size())
            ++at;
        else if (!left.empty())
            left.pop_back();
    }
    return text_of(left, text);
}

} // namespace vfio_early
