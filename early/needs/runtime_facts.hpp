// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/boot_request.hpp"
#include "early/model/machine.hpp"
#include "early/model/policy.hpp"
#include "early/system/root.hpp"

#include <vector>

namespace vfio_early {

/// What can be told right now of functions that the host needs, as `protect` statements: the disks that are there (in
/// an initramfs those whose drivers are built in) and hold what is mounted, what the boot waits for, or what root= or
/// resume= name, and the card that the root file system comes over. While no network driver is there the card cannot be
/// told: then, unless the policy's facts name one already, every network function is protected. Disks are read in a
/// process of its own, and given up after the policy's timeout.
[[nodiscard]] std::vector<ProtectStatement> runtime_facts(const Root& root, const Machine& machine,
                                                          const Policy& policy, const BootRequest& request);

} // namespace vfio_early
