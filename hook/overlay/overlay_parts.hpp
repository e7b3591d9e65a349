// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"
#include "early/system/root.hpp"
#include "hook/overlay/overlay_tree.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// Where the program is in an overlay. Not in usr/sbin: that is a link in some images, which an archive that has it as
/// a directory would replace, and with it all that the image has there.
inline constexpr const char* program_in_overlay = "usr/lib/vfio-early/vfio-early";

/// The program and what starts it in any image: units with their links for systemd, scripts for initramfs-tools, the
/// rule for udev. All of it is taken from the installed package below `root`. ENOENT: something of it is missing. An
/// error, too, if the program is not static: an overlay has no libraries for it.
[[nodiscard]] Result<OverlayTree> overlay_program(const Root& root);

/// Adds policy and facts.
void add_policy(OverlayTree& tree, const std::vector<PolicyFile>& files);

/// Adds `modules` of the kernel `release`, and all that they depend on, as a module tree of their own, with the indexes
/// that depmod(8) makes (find_added_module_tree()). Those that are built in need no file. An error: a module's file
/// cannot be read, or depmod fails.
[[nodiscard]] Result<void> add_modules(OverlayTree& tree, const Root& root, const std::string& release,
                                       const std::vector<std::string>& modules);

} // namespace vfio_early
