// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// A function that the host cannot do without.
struct NeededFunction {
    Address address;
    std::string what;  ///< what would be lost: "/ is on nvme0n1p2"
    bool root = false; ///< it is / itself
    auto operator<=>(const NeededFunction&) const = default;
};

/// What was found out, in order of address.
struct NeededFunctions {
    std::vector<NeededFunction> functions;
    std::string root_unknown; ///< why it could not be found out what / is on; empty: it was, though perhaps no PCI
                              ///< function is behind it
};

} // namespace vfio_early
