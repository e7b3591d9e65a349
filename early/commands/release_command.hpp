// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/commands/options.hpp"

#include <string>

namespace vfio_early {

/// `vfio-early release`: gives functions back to their native drivers in a running system, loads those by
/// modalias, says in the kernel log which statement had taken each, and mends the report. Only functions that
/// the report says we took, or that a driver of the VFIO family has by an override, are touched. Gives the exit code:
/// 0 also if there was nothing to release. Where there is, the kernel log gets `reason` first.
[[nodiscard]] int run_release(const Options& options, const std::string& reason = {});

} // namespace vfio_early
