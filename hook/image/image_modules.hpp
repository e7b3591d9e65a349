// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/model/plan.hpp"
#include "early/model/policy.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// The modules an image needs beside their dependencies, which the generator finds.
struct ImageModules {
    std::vector<std::string> present;
    std::vector<std::string> missing; ///< needed, but not of this kernel
};

/// What VFIO itself consists of, every driver= and native= of the policy, and what the plan loads (variant drivers).
/// `plan` may be null: the machine cannot be seen.
[[nodiscard]] ImageModules image_modules(const Policy& policy, const Plan* plan, const ModuleCatalog& kernel);

} // namespace vfio_early
