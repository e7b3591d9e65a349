// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// One line of /proc/PID/mountinfo (Documentation/filesystems/proc.rst, 3.5).
struct Mount {
    unsigned major = 0; ///< 0: the file system has no block device of its own (btrfs, zfs, nfs, overlay)
    unsigned minor = 0;
    std::string point;
    std::string type;
    std::string source;
    std::string options; ///< of the file system: "rw,vers=4.2,addr=192.0.2.1"
};

[[nodiscard]] std::vector<Mount> parse_mountinfo(std::string_view text);

/// True for file systems that come over the network or from the machine around a virtual one: they have no disk here.
[[nodiscard]] bool is_remote(std::string_view type);

/// The mount that a path is in: the last one with the longest mount point above it. Null if there is none.
[[nodiscard]] const Mount* mount_of(const std::vector<Mount>& mounts, std::string_view path);

/// What is mounted at this very place; null if nothing is.
[[nodiscard]] const Mount* mounted_at(const std::vector<Mount>& mounts, std::string_view point);

/// One line of /etc/fstab, with its octal escapes undone.
struct FstabEntry {
    std::string source; ///< "UUID=…", "/dev/sda1"
    std::string point;
    std::string type;
    bool needed = true; ///< the boot waits for it: neither noauto nor nofail (systemd.mount(5))
};

[[nodiscard]] std::vector<FstabEntry> parse_fstab(std::string_view text);

/// The files and devices of /proc/swaps.
[[nodiscard]] std::vector<std::string> parse_swaps(std::string_view text);

} // namespace vfio_early
