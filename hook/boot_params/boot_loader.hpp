// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/boot_params/boot_facts.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vfio_early {

/// How a system comes to the kernel command line of its next boot.
enum class BootMethod : std::uint8_t {
    grub,         ///< /etc/default/grub and, on Debian, /etc/default/grub.d/*.cfg; then update-grub
    grubby,       ///< Fedora and its kin: boot entries that grubby(8) edits
    systemd_boot, ///< /etc/kernel/cmdline, which kernel-install(8) puts into boot entries
    uki,          ///< the same within a unified kernel image
    proxmox,      ///< /etc/kernel/cmdline; then proxmox-boot-tool refresh
    proxmox_grub, ///< GRUB whose files proxmox-boot-tool copies
    unknown,      ///< a boot server, or a boot loader that is not known here
};

/// One file that holds words of the command line.
struct BootFile {
    std::string path; ///< below the root
    std::string text;
};

struct BootLoader {
    BootMethod method = BootMethod::unknown;
    std::vector<BootFile> files;                  ///< those there are, in the order in which they are read
    std::string drop_in;                          ///< GRUB: the file that our words go to
    std::vector<std::vector<std::string>> update; ///< commands to run afterwards, program and arguments
    bool only_drop_in = false;                    ///< GRUB: every other file stays as it is
};

/// Looks at the files of the system.
[[nodiscard]] BootLoader find_boot_loader(const Root& root);

/// "GRUB", "systemd-boot", ...
[[nodiscard]] std::string_view boot_method_name(BootMethod method);

/// A file before and after.
struct FileChange {
    std::string path;
    std::string before; ///< empty if it did not exist
    std::string after;
};

/// How the files change. Words to be taken away that no file holds, or one that is to stay as it is, are left out.
/// Empty for methods without files. Pure.
[[nodiscard]] std::vector<FileChange> apply_changes(const BootLoader& loader,
                                                    const std::vector<ParameterChange>& changes);

/// The words that are to be taken away and stand in a file that is to stay as it is: "iommu=off in /etc/default/grub".
[[nodiscard]] std::vector<std::string> words_left_alone(const BootLoader& loader,
                                                        const std::vector<ParameterChange>& changes);

/// The words that are to be taken away and stand in no file: their place is not known.
[[nodiscard]] std::vector<std::string> words_in_no_file(const BootLoader& loader,
                                                        const std::vector<ParameterChange>& changes);

} // namespace vfio_early
