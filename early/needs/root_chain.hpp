// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/needs/block_tags.hpp"
#include "early/needs/needed_function.hpp"
#include "early/system/root.hpp"

#include <string_view>

namespace vfio_early {

/// The PCI functions behind what the host cannot do without: everything that is mounted, every entry of /etc/fstab that
/// the boot waits for (no noauto, no nofail), swap, the resume device, and root=, resume= and rd.luks.uuid= of the
/// kernel command line, so that something is known before anything is mounted, too. Followed through LVM, LUKS, MD,
/// bcache, loop devices, btrfs and ZFS with several devices, and NVMe multipath. `tags` may be null: see BlockTree.
[[nodiscard]] NeededFunctions functions_behind_root(const Root& root, const BlockTags* tags);

} // namespace vfio_early
