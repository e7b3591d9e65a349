// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/import/source.hpp"

/// One reader a format; read_source() chooses.
namespace vfio_early::import_formats {

[[nodiscard]] std::vector<SourceLine> read_modprobe(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_command_line(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_loader_entry(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_grub(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_driverctl(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_libvirt(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_proxmox_guest(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_proxmox_mapping(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_unraid(const SourceFile& source);
[[nodiscard]] std::vector<SourceLine> read_module_list(const SourceFile& source);

} // namespace vfio_early::import_formats
