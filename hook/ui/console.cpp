// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/console.hpp"

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

std::string_view escape_sequence(Style style)
{
    switch (style) {
    case Style::plain:
        break;
    case Style::bold:
        return "\033[1m";
    case Style::dim:
        return "\033[2m";
    case Style::red:
        return "\033[31m";
    case Style::yellow:
        return "\033[33m";
    case Style::green:
        return "\033[32m";
    }
    return "";
}

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
    return fmt::format("{}{}\033[0m", escape_sequence(style), text);
}

std::string count_text(std::size_t count, std::string_view noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

} // namespace vfio_early
