// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/boot_request.hpp"
#include "early/needs/block_tags.hpp"
#include "early/system/root.hpp"

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

/// The PCI functions behind what the host cannot do without: everything that is mounted, every entry of /etc/fstab that
/// the boot waits for (no noauto, no nofail), swap, the resume device, and root=, resume= and rd.luks.uuid= of the
/// kernel command line, so that something is known before anything is mounted, too. Followed through LVM, LUKS, MD,
/// bcache, loop devices, btrfs and ZFS with several devices, and NVMe multipath. `tags` may be null: see BlockTree.
[[nodiscard]] NeededFunctions functions_behind_root(const Root& root, const BootRequest& request,
                                                    const BlockTags* tags);

} // namespace vfio_early
