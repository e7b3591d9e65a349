// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/text.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Where something was written.
struct Location {
    std::string file;    ///< as the user would name it
    unsigned line = 0;   ///< from 1; 0: the whole file, or not from a file
    unsigned column = 0; ///< from 1, in bytes; 0: the whole line

    auto operator<=>(const Location&) const = default;

    /// "vfio-early.conf:7", as log lines name a statement: the directories left out.
    [[nodiscard]] std::string short_text() const
    {
        std::string text(base_name(file));
        if (line != 0)
            text += ':' + std::to_string(line);
        return text;
    }
    /// "/etc/vfio-early.conf:7:12"
    [[nodiscard]] std::string full_text() const
    {
        std::string text = file;
        if (line != 0)
            text += ':' + std::to_string(line);
        if (line != 0 && column != 0)
            text += ':' + std::to_string(column);
        return text;
    }
};

/// Words that may have been meant, for a word that was not understood.
struct MeantWords {
    std::span<const std::string_view> words;     ///< live as long as the program
    std::string_view hint = "did you mean '%'?"; ///< what to do where one of them is near; % stands for it
};

/// One thing that is wrong with a policy, for a person to correct.
struct Diagnostic {
    enum class Severity { error, warning };
    Severity severity = Severity::error;
    Location where;
    unsigned length = 1; ///< how many bytes the caret underlines
    std::string message;
    std::string source_line; ///< the text of the line; empty when there is none to show
    std::string hint;        ///< what to do; may be empty
    /// Looked through in this order, by whoever shows the hint, for a word near the underlined one. Where none is near,
    /// `hint` holds, with the last of these words for its %.
    std::vector<MeantWords> meant{};
};

/// How many errors are reported before the rest is only counted.
inline constexpr std::size_t max_diagnostics = 20;

} // namespace vfio_early
