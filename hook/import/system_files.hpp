// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/import/source.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// Every file of the system below `root` that may configure another way of binding, and the kernel command line. Files
/// that do not exist are left out; for each that cannot be read, `unreadable` gets the reason.
[[nodiscard]] std::vector<SourceFile> read_system_files(const Root& root, std::vector<std::string>& unreadable);

/// /etc/pve/mapping/pci.cfg, which lines of guests refer to; nothing if there is none.
[[nodiscard]] std::vector<SourceFile> read_proxmox_mappings(const Root& root);

/// The lines of all sources. A word of /proc/cmdline that a file has too is listed once, as the file's.
[[nodiscard]] std::vector<SourceLine> read_sources(const std::vector<SourceFile>& sources);

/// /etc/hostname; empty if there is none.
[[nodiscard]] std::string host_name(const Root& root);
/// True if the kernel runs below Xen.
[[nodiscard]] bool runs_below_xen(const Root& root);

} // namespace vfio_early
