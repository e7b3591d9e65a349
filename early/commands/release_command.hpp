// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/release.hpp"
#include "early/commands/options.hpp"

#include <map>
#include <string>
#include <vector>

namespace vfio_early {

/// `vfio-early release`: gives functions back to their native drivers in a running system, loads those by
/// modalias, says in the kernel log which statement had taken each, and adds that to the report. Only functions that we
/// took and have not given back are touched, whoever else may hold functions by vfio-pci. Gives the exit code: 0 also
/// if there was nothing to release. Where there is, the kernel log gets `reason` first.
[[nodiscard]] int run_release(const Options& options, const std::string& reason = {});

/// Those of the functions taken that the options speak of.
[[nodiscard]] std::vector<Release> choose_releases(const Machine& machine, const std::map<Address, Taken>& taken,
                                                   const Options& options);

} // namespace vfio_early
