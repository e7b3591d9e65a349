// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Puts the lines `added` at the end of the section [`profile`] (empty: of what stands before the first section), after
/// a blank line. A section that does not exist is added at the end. Everything else stays as it is, byte for byte.
/// Comments that stand directly above the next section's header belong to that header.
[[nodiscard]] std::string with_lines_added(std::string_view text, std::string_view profile,
                                           const std::vector<std::string>& added);

/// Takes the statement in line `number` (from 1) out, and the comments directly above it that the tool wrote itself
/// (they begin with the address of a function). A blank line that would then stand beside another goes too. Everything
/// else stays as it is.
[[nodiscard]] std::string without_statement(std::string_view text, unsigned number);

/// The comments of the tool's own form directly above line `number`.
[[nodiscard]] std::vector<std::string> own_comments_above(std::string_view text, unsigned number);

} // namespace vfio_early
