// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/unified_diff.hpp"

#include "hook/edit/lines.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ranges>
#include <span>
#include <vector>

namespace vfio_early {

namespace {

/// One line of the result: ' ', '-' or '+', and the text.
struct Edit {
    char kind;
    std::string_view text;
};

/// Finds the longest common subsequence by dynamic programming. Where that would take too much memory, all is taken out
/// and put in anew: longer, but no less true.
void add_edits(std::vector<Edit>& edits, std::span<const std::string_view> before,
               std::span<const std::string_view> after)
{
    constexpr std::size_t most_cells = 4'000'000;
    const std::size_t rows = before.size();
    const std::size_t columns = after.size();
    if ((rows + 1) * (columns + 1) > most_cells) {
        for (const std::string_view line : before)
            edits.push_back({'-', line});
        for (const std::string_view line : after)
            edits.push_back({'+', line});
        return;
    }
    std::vector<std::vector<unsigned>> common(rows + 1, std::vector<unsigned>(columns + 1));
    for (std::size_t row = rows; row-- > 0;)
        for (std::size_t column = columns; column-- > 0;)
            common[row][column] = before[row] == after[column]
                                      ? common[row + 1][column + 1] + 1
                                      : std::max(common[row + 1][column], common[row][column + 1]);
    std::size_t row = 0;
    std::size_t column = 0;
    while (row < rows || column < columns) {
        if (row < rows && column < columns && before[row] == after[column]) {
            edits.push_back({' ', before[row++]});
            ++column;
        } else if (row < rows && (column == columns || common[row + 1][column] >= common[row][column + 1])) {
            edits.push_back({'-', before[row++]});
        } else {
            edits.push_back({'+', after[column++]});
        }
    }
}

/// The lines that both begin and end with are the same; only what lies between is looked at.
std::vector<Edit> edits_of(std::span<const std::string_view> before, std::span<const std::string_view> after)
{
    std::vector<Edit> edits;
    const auto head = static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
    for (const std::string_view line : before.first(head))
        edits.push_back({' ', line});
    before = before.subspan(head);
    after = after.subspan(head);
    const auto last = std::ranges::mismatch(std::views::reverse(before), std::views::reverse(after)).in1;
    const auto tail = static_cast<std::size_t>(last - before.rbegin());
    add_edits(edits, before.first(before.size() - tail), after.first(after.size() - tail));
    for (const std::string_view line : before.last(tail))
        edits.push_back({' ', line});
    return edits;
}

} // namespace

std::string unified_diff(std::string_view name, std::string_view before, std::string_view after)
{
    constexpr std::size_t context = 3;
    const std::vector<Edit> edits = edits_of(lines_of(before), lines_of(after));
    const auto is_change = [](const Edit& edit) { return edit.kind != ' '; };
    if (std::ranges::none_of(edits, is_change))
        return {};
    std::string text = fmt::format("--- {0}\n+++ {0}\n", name);
    std::size_t old_line = 1;
    std::size_t new_line = 1;
    std::size_t shown = 0;
    const auto skip_to = [&](std::size_t end) {
        for (; shown < end; ++shown) {
            old_line += edits[shown].kind != '+';
            new_line += edits[shown].kind != '-';
        }
    };
    while (true) {
        std::size_t first = shown;
        while (first < edits.size() && !is_change(edits[first]))
            ++first;
        if (first == edits.size())
            return text;
        // The hunk ends where more lines than the context of both sides are the same.
        std::size_t last = first;
        for (std::size_t index = first; index < edits.size() && index <= last + 2 * context; ++index)
            if (is_change(edits[index]))
                last = index;
        skip_to(std::max(shown, first - std::min(first, context)));
        const std::size_t end = std::min(edits.size(), last + 1 + context);
        const auto count = [&](char kind) {
            return std::count_if(edits.begin() + static_cast<std::ptrdiff_t>(shown),
                                 edits.begin() + static_cast<std::ptrdiff_t>(end),
                                 [&](const Edit& edit) { return edit.kind != kind; });
        };
        text += fmt::format("@@ -{},{} +{},{} @@\n", before.empty() ? 0 : old_line, count('+'), new_line, count('-'));
        for (std::size_t index = shown; index < end; ++index)
            text += fmt::format("{}{}\n", edits[index].kind, edits[index].text);
        skip_to(end);
    }
}

} // namespace vfio_early
