// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <optional>

namespace vfio_early {

/// Whether the group can be given to a virtual machine. Where the kernel has device files of VFIO alone, the drivers of
/// its members tell: opening one would reset the function. Else VFIO is asked: VFIO_GROUP_GET_STATUS on /dev/vfio/GROUP
/// (linux/vfio.h). Nothing where it cannot be asked: VFIO has no function of the group, no node comes within half a
/// second, or somebody has the group open (EBUSY).
[[nodiscard]] Result<std::optional<bool>> vfio_group_viable(const Root& root, unsigned group);

} // namespace vfio_early
