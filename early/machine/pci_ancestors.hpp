// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/system/root.hpp"

#include <string_view>
#include <vector>

namespace vfio_early {

/// Adds the PCI functions that a device of any kind hangs from to `functions`, each once, the nearest to the root bus
/// first. `link` is where sysfs says that the device is:
/// "../../devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0". Bridges are left out; behind VMD there are two
/// functions, the VMD controller being one.
void add_pci_ancestors(const Root& root, std::string_view link, std::vector<Address>& functions);

} // namespace vfio_early
