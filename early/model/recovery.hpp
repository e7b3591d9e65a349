// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace vfio_early {

/// What a block device can be named by, and where udev's 60-persistent-storage.rules links it.
struct DeviceTag {
    std::string_view tag;
    std::string_view folder; ///< without a leading slash
};
inline constexpr std::array<DeviceTag, 4> device_tags{{
    {"UUID", "dev/disk/by-uuid/"},
    {"LABEL", "dev/disk/by-label/"},
    {"PARTUUID", "dev/disk/by-partuuid/"},
    {"PARTLABEL", "dev/disk/by-partlabel/"},
}};

/// Where the root file system is to come from.
struct RootSource {
    /// The file that stands for its block device, "dev/disk/by-uuid/...", without a leading slash; empty if it is
    /// no block device, or is not known.
    std::string device;
    /// The word that says that it comes over the network (NFS, iSCSI, NBD, ...): "root", "nfsroot"; empty: none does.
    std::string network_word;
    bool is_local = false; ///< root= names something, and nothing asks for the network
};

/// Reads root=, netroot=, nfsroot= and the words of open-iscsi as initramfs-tools (init, scripts/local), dracut
/// (parse-block.sh, parse-nfsroot.sh, parse-iscsiroot.sh) and systemd-fstab-generator(8) do.
[[nodiscard]] RootSource root_source(std::span<const std::string> words);

/// The device of a mount unit, from its What= line, as in RootSource::device; empty if that names no device file.
[[nodiscard]] std::string device_of_mount_unit(std::string_view unit);

/// True if something is mounted where an initramfs puts the root file system: /sysroot (dracut, systemd) or /root
/// (initramfs-tools). `mounts` is /proc/mounts, see proc_pid_mounts(5).
[[nodiscard]] bool root_is_mounted(std::string_view mounts);

/// What is known when a wait for root is looked at.
struct RootWait {
    std::chrono::milliseconds waited{0};
    std::chrono::seconds grace{10};
    bool last = false;      ///< nobody will look again
    bool known = true;      ///< it is known that what root comes from is missing
    bool network = false;   ///< root comes over the network
    bool interfaces = true; ///< there is a network interface besides the loopback
};

/// True if functions are to be given back now. It takes three times the grace where root may be on its way: over the
/// network as long as there is an interface (a switch can take 30 s until it forwards), or from we do not know where.
[[nodiscard]] bool is_time_to_recover(const RootWait& wait);

} // namespace vfio_early
