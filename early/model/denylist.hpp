// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"

namespace vfio_early {

/// True for a function that vfio-pci itself refuses, unless its option disable_denylist is set, which we never do: it
/// has known errata (vfio_pci_dev_in_denylist(), drivers/vfio/pci/vfio_pci.c). The list is that of Linux 6.12.
/// QuickAssist is in it since 5.9, DSA and IAA of Sapphire Rapids since 6.9 and the stable kernels of that time.
[[nodiscard]] bool is_denied_by_vfio_pci(const Ids& ids);

} // namespace vfio_early
