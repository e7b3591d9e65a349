// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/guards.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/host/host.hpp"

#include <set>
#include <string>
#include <vector>

namespace vfio_early {

/// What the policy is to take.
struct Addition {
    std::vector<std::string> operands; ///< addresses, as find_functions() reads them
    bool exact = false;                ///< only the functions named, not their whole card
    RefusalSet allow{};                ///< guards that the new statements overrule
    std::string driver{};              ///< empty: the usual one
    std::string profile{};             ///< the section of the policy; empty: none
};

/// What came of it.
struct Added {
    std::vector<std::string> statements; ///< the new ones; none if the policy takes the functions already
    std::set<Address> functions;         ///< all that were asked for
    Proposal proposal;                   ///< the policy with them
};

/// Puts lines into `change` that bind the functions, and only while they are what they are now. What the boot would say
/// against them is said on the console. Ends the command where nothing may be written.
[[nodiscard]] Added add_lines(const Addition& addition, const Host& host, PolicyChange& change, Console& console);

} // namespace vfio_early
