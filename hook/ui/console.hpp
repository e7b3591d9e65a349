// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace vfio_early {

/// Where a command writes: results on `out`, all that is about the run itself on `err`.
struct Console {
    std::ostream& out;
    std::ostream& err;
    bool colour_out = false; ///< `out` is a terminal that wants colour
    bool colour_err = false;
    bool utf8 = false;        ///< lines may be drawn with box characters
    bool interactive = false; ///< there is somebody to ask: standard input and output are a terminal
};

/// The console of this process. Colour only on a terminal that is not "dumb", and never where NO_COLOR is set to
/// anything (https://no-color.org).
[[nodiscard]] Console process_console();

enum class Style { plain, bold, dim, red, yellow, green };

/// `text` in `style`, or as it is where there is no colour.
[[nodiscard]] std::string paint(bool colour, Style style, std::string_view text);

/// printable() for a text of several lines: line ends and tabs stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// "1 function", "2 functions"
[[nodiscard]] std::string count_text(std::size_t count, std::string_view noun);

} // namespace vfio_early
