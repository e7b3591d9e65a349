// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/host/blank_words.hpp"
#include "hook/import/source.hpp"

#include <string_view>
#include <vector>

namespace vfio_early {

/// The lines with content, numbered as in the file; `#` at the start of one makes it a comment. `continued`: a
/// backslash at the end joins a line with the next.
[[nodiscard]] std::vector<SourceLine> content_lines(const SourceFile& source, bool continued = false);

/// A word of a shell command without the quotes and separators that stick to it: `vfio-pci;` is vfio-pci.
[[nodiscard]] std::string_view trim_shell(std::string_view word);

/// The wish for what stands at an address; `text` may leave the function out ("01:00" is the whole slot). Nothing if it
/// is no address.
[[nodiscard]] std::optional<Wish> wish_at(std::string_view text);

} // namespace vfio_early
