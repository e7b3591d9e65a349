// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/report.hpp"
#include "early/system/root.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace vfio_early {

/// One JSON object a line, in the order in which things happened; vfio-early(8) has the members. The boot's own lines
/// come first, and what happens later is added behind. vfio-early only writes it: `vfio-earlyctl status` puts it
/// together.
inline constexpr const char* report_path = "run/vfio-early/report.jsonl";

/// The words of its members, each list in the order of its enumeration.
namespace report_words {
inline constexpr std::array<std::string_view, 3> modes{"normal", "dry-run", "off"};
inline constexpr std::array<std::string_view, 3> levels{"quiet", "normal", "debug"};
inline constexpr std::array<std::string_view, 4> kinds{"bound", "refused", "failed", "kept"};
/// In a dry run, so that nobody takes an intention for a fact.
inline constexpr std::array<std::string_view, 4> intended_kinds{"would-bind", "refused", "failed", "would-keep"};
inline constexpr std::array<std::string_view, 2> states{"released", "held"};
inline constexpr std::array<std::string_view, 3> results{"applied", "unsupported", "failed"};

/// The word of one list for a value of its enumeration.
template <typename Enum, std::size_t Size>
[[nodiscard]] std::string_view word_of(const std::array<std::string_view, Size>& words, Enum value)
{
    return words.at(static_cast<std::size_t>(value));
}
} // namespace report_words

/// The lines of one run: one of the run itself, then one for each function, warning and note. `run` is "boot", "later"
/// (a function that appeared after the boot), or "release".
[[nodiscard]] std::string report_lines(const Report& report, std::string_view run);

/// Writes the lines of the boot: a new file.
[[nodiscard]] Result<void> write_report(const Root& root, const Report& report);
/// Adds the lines of a later run behind, with one write(2), so that runs at the same time do not mix.
[[nodiscard]] Result<void> add_to_report(const Root& root, const Report& report, std::string_view run);

} // namespace vfio_early
