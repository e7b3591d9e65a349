// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/system/root.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vfio_early {

/// What VFIO gives to somebody who opens a function as a virtual machine monitor does.
struct VfioView {
    bool busy = false;       ///< somebody has it open: a virtual machine runs; nothing below is known then
    std::string interface;   ///< "group" or "cdev"
    unsigned regions = 0;    ///< regions that have a size (BARs, configuration space, ...)
    std::uint64_t bytes = 0; ///< of the BARs
    unsigned interrupts = 0; ///< kinds of interrupt with at least one vector
};

/// Opens the function through VFIO and closes it again: container and group (linux/vfio.h), or, where the kernel has no
/// group interface, the function's character device with iommufd (linux/iommufd.h). The kernel resets an idle function
/// on opening and on closing, as for every virtual machine. Errors say which step failed: "open", "group ... is not
/// viable".
[[nodiscard]] Result<VfioView> open_through_vfio(const Root& root, const Address& address,
                                                 std::optional<unsigned> group);

} // namespace vfio_early
