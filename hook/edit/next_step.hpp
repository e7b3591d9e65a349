// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What makes the initramfs images on a system.
enum class ImageTool { update_initramfs, dracut, unknown };
[[nodiscard]] ImageTool find_image_tool(const Root& root);

/// A generator that does not know vfio-early, where no other is installed: "mkinitcpio", "booster". Else empty.
[[nodiscard]] std::string other_image_tool(const Root& root);

/// The command that makes all images anew, "update-initramfs -u -k all", or the one of one kernel. Empty if unknown.
[[nodiscard]] std::string image_command(ImageTool tool, const std::string& release = {});

/// "Now run: update-initramfs -u -k all, and reboot."
[[nodiscard]] std::string next_step_text(const Root& root);

} // namespace vfio_early
