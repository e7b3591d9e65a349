// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vfio_early {

/// The name of the module in a file, with '_' for '-': "kernel/drivers/vfio/pci/vfio-pci.ko.xz" to "vfio_pci". Empty if
/// the file holds no module: its name has no ".ko", or something that is no compression's suffix behind it.
[[nodiscard]] std::string module_of_file(std::string_view path);

} // namespace vfio_early
