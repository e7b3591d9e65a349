// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"
#include "hook/ui/console.hpp"

#include <exception>
#include <string>
#include <type_traits>
#include <vector>

namespace vfio_early {

/// Prints "vfio-earlyctl: ..." and returns the exit code for it: a command that could not do its work.
int report_error(const SystemError& error, Console& console);

/// Ends the command that runs. What there is to say has been said.
struct CommandEnd : std::exception {
    explicit CommandEnd(int exit_code) : code(exit_code) {}
    int code;
};

/// The value; an error is reported, and ends the command.
template <typename Value>
Value or_end(Result<Value> result, Console& console)
{
    if (!result)
        throw CommandEnd(report_error(result.error(), console));
    if constexpr (!std::is_void_v<Value>)
        return std::move(*result);
}

/// One "note: ..." line each, on the error stream.
void print_notes(const std::vector<std::string>& notes, Console& console);

} // namespace vfio_early
