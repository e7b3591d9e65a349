// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace vfio_early {

/// Where something was written.
struct Location {
    std::string file;    ///< as the user would name it
    unsigned line = 0;   ///< from 1; 0: the whole file, or not from a file
    unsigned column = 0; ///< from 1, in bytes; 0: the whole line

    auto operator<=>(const Location&) const = default;

    /// "vfio-early.conf:7", as log lines name a statement: the directories left out.
    [[nodiscard]] std::string short_text() const;
    /// "/etc/vfio-early.conf:7:12"
    [[nodiscard]] std::string full_text() const;
};

/// One thing that is wrong with a policy, for a person to mend.
struct Diagnostic {
    enum class Severity { error, warning };
    Severity severity = Severity::error;
    Location where;
    unsigned length = 1; ///< how many bytes the caret underlines
    std::string message;
    std::string source_line; ///< the text of the line; empty when there is none to show
    std::string hint;        ///< what to do; may be empty
};

/// The lines a compiler would print: place and message, the source line, the caret, the hint.
/// Bytes that a terminal would obey (control characters, invalid UTF-8) are shown as \xNN.
[[nodiscard]] std::string render(const Diagnostic& diagnostic);

/// How many errors are reported before the rest is only counted.
inline constexpr std::size_t max_diagnostics = 20;

} // namespace vfio_early
