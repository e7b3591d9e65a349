// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "early/system/efi_variable.hpp"
#include "early/system/root.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vfio_early {

/// A plan after the trial was asked.
struct TriedPlan {
    Plan plan;           ///< as it was, or with every function refused
    std::string warning; ///< why no trial protects this boot; may be empty
    std::string note;    ///< for the debug log; may be empty
};

/// Puts the boot on trial, before the plan is carried out (trial.hpp). Only a boot is counted, and only one that
/// would bind something. `later`: the plan is for functions that appeared after the boot; nothing is counted for
/// them, but what the trial said of the boot holds for them, too. `allowed`: as in Policy::trial.
[[nodiscard]] TriedPlan put_on_trial(const Root& root, Plan plan, std::uint64_t policy, std::optional<unsigned> allowed,
                                     bool later, const ModuleLoader& load);

} // namespace vfio_early
