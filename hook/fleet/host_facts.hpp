// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/fleet/comparison.hpp"

#include <string>

namespace vfio_early {

/// What hosts that should be alike have in common, out of a recording: kernel, firmware, product, the state of the
/// policy, and of each PCI function its ids, group, driver, and what the boot did with it (not where there is no
/// report). Errors: those of reading its PCI functions or a broken report.
[[nodiscard]] Result<HostFacts> read_host_facts(const std::string& name, const Root& recording);

} // namespace vfio_early
