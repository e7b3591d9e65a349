// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/console.hpp"

#include "early/model/printable.hpp"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

namespace vfio_early {

namespace {

std::string_view environment(const char* name)
{
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

bool wants_colour(int descriptor)
{
    return environment("NO_COLOR").empty() && environment("TERM") != "dumb" && ::isatty(descriptor) == 1;
}

/// As setlocale(3) would decide, without changing the locale of the program.
bool locale_is_utf8()
{
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string_view value = environment(name);
        if (!value.empty())
            return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
    }
    return false;
}

/// Select Graphic Rendition (ECMA-48) of each Style.
constexpr std::array<int, 6> sgr_codes{0, 1, 2, 31, 33, 32};

} // namespace

Console process_console()
{
    return {.out = std::cout,
            .err = std::cerr,
            .colour_out = wants_colour(STDOUT_FILENO),
            .colour_err = wants_colour(STDERR_FILENO),
            .utf8 = locale_is_utf8(),
            .interactive = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1};
}

std::string paint(bool colour, Style style, std::string_view text)
{
    if (!colour || style == Style::plain)
        return std::string(text);
    return fmt::format("\033[{}m{}\033[0m", sgr_codes.at(static_cast<std::size_t>(style)), text);
}

std::string printable_lines(std::string_view text)
{
    std::string shown;
    for (auto end = text.find_first_of("\n\t"); end != text.npos; end = text.find_first_of("\n\t")) {
        shown += printable(text.substr(0, end)) + text[end];
        text.remove_prefix(end + 1);
    }
    return shown + printable(text);
}

std::string count_text(std::size_t count, std::string_view noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

} // namespace vfio_early
