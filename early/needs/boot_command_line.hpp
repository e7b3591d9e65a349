// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <string>

namespace vfio_early {

/// The kernel command line, and before it what the image adds to it (/etc/cmdline.d of dracut: root= in a hostonly
/// one). Fails only if /proc/cmdline cannot be read.
[[nodiscard]] Result<std::string> boot_command_line(const Root& root);

} // namespace vfio_early
