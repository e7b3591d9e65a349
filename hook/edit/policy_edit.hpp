// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Puts the lines `added` at the end of the section [`profile`] (empty: of what stands before the first section), after
/// a blank line. A section that does not exist is added at the end. Everything else stays as it is, byte for byte.
/// Comments that stand directly above the next section's header belong to that header. New lines end as the first one
/// does.
[[nodiscard]] std::string with_lines_added(std::string_view text, std::string_view profile,
                                           const std::vector<std::string>& added);

/// Takes the statements in these lines (from 1) out, and the comments directly above each that the tool wrote itself
/// (they begin with the address of a function). A blank line that would then stand beside another goes too. Everything
/// else stays as it is.
[[nodiscard]] std::string without_statements(std::string_view text, const std::set<unsigned>& numbers);

/// How many comments of the tool's own form stand directly above line `number`.
[[nodiscard]] std::size_t own_comments_above(std::span<const std::string_view> lines, unsigned number);

} // namespace vfio_early
