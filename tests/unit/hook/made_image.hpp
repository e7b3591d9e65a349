// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vfio_early::test {

/// The files of an initramfs image, made up.
struct MadeImage {
    std::map<std::string, std::string> files;    ///< path to content
    std::map<std::string, std::string> programs; ///< the same, executable
    std::map<std::string, std::string> links;    ///< path to target

    /// As a cpio archive, through libarchive: `compression` is a filter's name ("gzip", "xz", "zstd", "lz4"), or empty.
    [[nodiscard]] std::string archive(const std::string& compression = {}) const;
};

/// What update-initramfs makes with our hook: program, policy, scripts in order, VFIO and the modules of `native`.
[[nodiscard]] MadeImage initramfs_tools_image(const std::string& policy, std::string_view native = {});

/// The same made without us: with VFIO, but no program, script or policy of ours. `with_systemd`: by dracut.
[[nodiscard]] MadeImage foreign_image(bool with_systemd);

/// A PE file with these sections; `is_signed`: with a table of certificates, which holds nothing.
[[nodiscard]] std::string made_pe(const std::map<std::string, std::string>& sections, bool is_signed = false);

} // namespace vfio_early::test
