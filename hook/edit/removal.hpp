// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/matcher.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace vfio_early {

/// Which statements go, so that the policy no longer takes some functions.
struct Removal {
    std::vector<Location> statements;  ///< in the order of the policy
    std::set<Address> functions;       ///< that they take on this machine
    std::vector<std::string> notes;    ///< what else goes with them
    std::vector<std::string> problems; ///< why it cannot be done; nothing may then be removed
};

/// Finds the statements that name just the functions of `operands` (addresses, or paths as path= has them), their cards
/// taken whole as `add` takes them. A statement that takes more is a problem: it is for the user to say what is meant.
/// A function that is gone is found by its path, by its address, or by the comment that `add` has written.
[[nodiscard]] Removal find_removal(const Policy& policy, std::span<const PolicyFile> files, const Matcher& matcher,
                                   const std::vector<std::string>& operands);

} // namespace vfio_early
