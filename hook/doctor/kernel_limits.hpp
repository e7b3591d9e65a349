// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "early/system/root.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What the running kernel itself keeps from being given away.
struct KernelLimits {
    std::string signatures_asked_by;           ///< what was seen; empty: every module is loaded
    std::vector<std::string> unsigned_modules; ///< of those that the plan needs, where signatures are asked for
    bool denylist_off = false;                 ///< vfio-pci runs with disable_denylist
    bool interrupts_unsafe = false;            ///< as early/machine/interrupts.hpp says
};

[[nodiscard]] KernelLimits read_kernel_limits(const Root& root, const Plan& plan);

} // namespace vfio_early
