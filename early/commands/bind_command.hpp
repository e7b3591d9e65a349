// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/commands/options.hpp"

#include <chrono>

namespace vfio_early {

/// `vfio-early bind`: policy, scan, plan, execution, report. `started` is when the program was, for the report.
/// Gives the exit code. What is found goes to the kernel log and the report; with options.dry_run it goes to
/// standard output, and nothing at all is changed.
[[nodiscard]] int run_bind(const Options& options, std::chrono::steady_clock::time_point started);

} // namespace vfio_early
