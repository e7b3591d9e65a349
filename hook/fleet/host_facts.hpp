// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/fleet/comparison.hpp"

#include <string>

namespace vfio_early {

/// What hosts that should be alike have in common, out of a recording: kernel and firmware, and of each PCI function
/// its ids, group, driver, and what the boot did with it (where the recording has no report: what its policy would do).
/// Errors: those of reading its PCI functions.
[[nodiscard]] Result<HostFacts> read_host_facts(const std::string& name, const Root& recording);

} // namespace vfio_early
