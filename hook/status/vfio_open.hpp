// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/system/root.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// A BAR that could not be mapped, or not be read.
struct BlockedBar {
    unsigned bar = 0;
    int code = 0; ///< errno; EBUSY: the kernel has reserved its memory for somebody else
};

/// What VFIO gives to somebody who opens a function as a virtual machine monitor does.
struct VfioView {
    bool busy = false;       ///< somebody has it open: a virtual machine runs; nothing below is known then
    std::string interface;   ///< "cdev" or "group"
    unsigned regions = 0;    ///< regions that have a size (BARs, configuration space, ...)
    std::uint64_t bytes = 0; ///< of the BARs
    unsigned interrupts = 0; ///< kinds of interrupt with at least one vector
    unsigned mapped = 0;     ///< BARs that were mapped and read
    std::vector<BlockedBar> blocked;
};

/// Opens the function through VFIO, maps what a virtual machine would map, and closes it again: its device file with
/// iommufd (linux/iommufd.h) where the kernel has those alone, else container and group (linux/vfio.h), with which
/// every virtual machine monitor can work. The kernel resets an idle function on opening and on closing, as for every
/// virtual machine. Errors say which step failed: "open", "group ... is not viable".
[[nodiscard]] Result<VfioView> open_through_vfio(const Root& root, const Address& address,
                                                 std::optional<unsigned> group);

} // namespace vfio_early
