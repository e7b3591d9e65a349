// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// A function that the host cannot do without.
struct NeededFunction {
    Address address;
    std::string what; ///< what would be lost: "/ is on nvme0n1p2"
    auto operator<=>(const NeededFunction&) const = default;
};

/// What was found out, in order of address.
struct NeededFunctions {
    std::vector<NeededFunction> functions;
    std::vector<std::string> notes; ///< what could not be followed, for a person
};

} // namespace vfio_early
