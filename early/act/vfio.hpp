// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <optional>

namespace vfio_early {

/// Asks VFIO whether the group can be given to a virtual machine: VFIO_GROUP_GET_STATUS on /dev/vfio/GROUP
/// (linux/vfio.h). Nothing where it cannot be asked: the kernel has no group interface (cdev only), no node
/// comes within half a second, or somebody has the group open (EBUSY).
[[nodiscard]] Result<std::optional<bool>> vfio_group_viable(const Root& root, unsigned group);

} // namespace vfio_early
