// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"
#include "early/commands/options.hpp"
#include "early/model/machine.hpp"
#include "early/model/report.hpp"

#include <vector>

namespace vfio_early {

/// A function that is to go back to its native driver.
struct Release {
    const Function* function = nullptr;
    const Outcome* taken = nullptr; ///< what the report says of it; null: nothing
};

/// What a release comes to.
struct ReleaseResult {
    Report report;                  ///< the boot's report with what became of each function
    std::vector<LogRecord> records; ///< one a function
    bool complete = true;           ///< false if a function could not be given back
};

/// True for functions that the root file system can be behind: controllers of disks, of SD cards, of Fibre
/// Channel, and of USB.
[[nodiscard]] bool can_hold_disks(const Ids& ids);
/// True for network, InfiniBand and wireless controllers.
[[nodiscard]] bool is_network(const Ids& ids);

/// The functions the options speak of. Ours are those that the report calls bound or held, and those that a
/// driver of the VFIO family has because an override names it (the report may be lost). A function that is given by
/// its address need only be on such a driver. With --pins: those of the report that still have an override.
[[nodiscard]] std::vector<Release> choose_releases(const Machine& machine, const Report& report,
                                                   const Options& options);

/// Gives them back: every override is cleared and every function unbound before the first native module is
/// loaded, so that one insertion serves all.
[[nodiscard]] ReleaseResult release_functions(const std::vector<Release>& releases, const Report& report,
                                              Kernel& kernel, const ModuleCatalog& modules);

/// Clears their overrides and does nothing else: a function that a virtual machine may be using keeps its driver until
/// the reboot, but once it is unbound nothing keeps its native driver away.
[[nodiscard]] ReleaseResult unpin_functions(const std::vector<Release>& releases, const Report& report, Kernel& kernel);

} // namespace vfio_early
