// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/near_word.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

/// No word of ours is longer; a longer text is no misspelling, and the table below has a fixed size.
constexpr std::size_t longest_word = 40;
constexpr std::size_t farthest = 2;

using Row = std::array<std::size_t, longest_word + 1>;

/// Levenshtein distance in which two neighbours that changed places count once ("wiht" for "with").
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    Row before_last{};
    Row last{};
    Row row{};
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    const auto same = [&](std::size_t i, std::size_t j) { return a[i] == b[j]; };
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = same(i - 1, j - 1) ? 0U : 1U;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && same(i - 1, j - 2) && same(i - 2, j - 1))
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = last;
        last = row;
    }
    return last[b.size()];
}

} // namespace

std::optional<std::string_view> near_word(std::string_view text, std::span<const std::string_view> words)
{
    std::optional<std::string_view> best;
    std::size_t best_distance = farthest + 1;
    for (const std::string_view word : words) {
        const std::size_t length = std::max(text.size(), word.size());
        if (length > longest_word || length - std::min(text.size(), word.size()) > farthest)
            continue;
        const std::size_t distance = edit_distance(lower_case(text), lower_case(word));
        if (distance < best_distance && 2 * distance < length) {
            best = word;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace vfio_early
