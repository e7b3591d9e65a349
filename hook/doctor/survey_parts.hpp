// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/doctor/survey.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The parts of examine() that can be tested alone.
namespace vfio_early::survey_parts {

/// The domains of libvirt among the lines, with the functions that each has.
[[nodiscard]] std::vector<Domain> domains_of(const std::vector<SourceLine>& lines);

/// A configuration file of the system, with its content.
struct OwnFile {
    std::string path;
    std::string text;
    FileKind kind = FileKind::whole;
};

/// The settings of image generators: of dracut, mkinitcpio, booster.
[[nodiscard]] std::vector<OwnFile> read_image_settings(const Root& root);

/// What makes vfio-pci or pci-stub load before native drivers: softdeps and install lines (before the one that they
/// name), aliases, modules of the image, rd.driver.pre=, dracut's force_drivers, mkinitcpio's MODULES. Pure.
[[nodiscard]] std::vector<EarlyLoader> early_loaders(const std::vector<SourceLine>& lines,
                                                     const std::vector<OwnFile>& image_settings);

/// Scripts and settings below /etc that take part in images or run at boot.
[[nodiscard]] std::vector<OwnFile> read_own_files(const Root& root);

/// True for a line that names driver_override, vfio-pci, pci-stub or the address of a function.
[[nodiscard]] bool is_about_functions(std::string_view line);

/// Those of them that bind functions. Pure.
[[nodiscard]] std::vector<HookFile> find_hooks(const std::vector<OwnFile>& files);

} // namespace vfio_early::survey_parts
