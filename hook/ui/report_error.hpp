// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"
#include "hook/ui/console.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// Prints "vfio-earlyctl: ..." and returns the exit code for it: a command that could not do its work.
int report_error(const SystemError& error, Console& console);

/// One "note: ..." line each, on the error stream.
void print_notes(const std::vector<std::string>& notes, Console& console);

} // namespace vfio_early
