// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/inspect/image_facts.hpp"

namespace vfio_early {

/// The modules that the image loads whatever the hardware is: conf/modules of initramfs-tools, modules-load.d(5), and
/// rd.driver.pre=, which is also what dracut writes for force_drivers. Pure.
[[nodiscard]] std::vector<ImageLine> modules_loaded_by_name(const ImageContent& content);

/// The lines of modprobe.d(5) that change what vfio, vfio-pci and their kin do, or that load them. Pure.
[[nodiscard]] std::vector<ImageLine> rules_of_vfio(const ImageContent& content);

} // namespace vfio_early
