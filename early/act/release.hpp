// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"
#include "early/model/machine.hpp"
#include "early/model/report.hpp"
#include "early/tell/taken.hpp"

#include <vector>

namespace vfio_early {

/// A function that is to go back to its native driver.
struct Release {
    const Function* function = nullptr;
    Taken taken;
};

/// What a release comes to.
struct ReleaseResult {
    Report report;                  ///< of the functions released
    std::vector<LogRecord> records; ///< one a function
    bool complete = true;           ///< false if a function could not be given back
};

/// Gives them back: every override is cleared and every function unbound before the first native module is
/// loaded, so that one insertion serves all.
[[nodiscard]] ReleaseResult release_functions(const std::vector<Release>& releases, Kernel& kernel,
                                              const ModuleCatalog& modules);

/// Clears their overrides and does nothing else: a function that a virtual machine may be using keeps its driver until
/// the reboot, but once it is unbound nothing keeps its native driver away.
[[nodiscard]] ReleaseResult unpin_functions(const std::vector<Release>& releases, Kernel& kernel);

} // namespace vfio_early
