// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"
#include "hook/inspect/image_content.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

enum class Generator : std::uint8_t { initramfs_tools, dracut, unknown };

/// "initramfs-tools", "dracut", "an unknown generator"
[[nodiscard]] std::string_view generator_name(Generator generator);

/// How the image runs us.
struct ImageHook {
    bool program = false;            ///< /usr/sbin/vfio-early is in the image and can be run
    std::string started_by;          ///< "scripts/init-top/00-vfio-early"; empty: nothing does
    std::vector<std::string> before; ///< what runs before it, by the image's own order
    /// Something that loads native drivers runs before it: udev.
    bool too_late = false;
};

/// A line of the image that is about modules.
struct ImageLine {
    std::string file;   ///< "conf/modules", "etc/modprobe.d/vfio.conf"
    std::string text;   ///< the line
    std::string module; ///< that it speaks of, '_' for '-'
};

/// What an image says of itself.
struct ImageFacts {
    Generator generator = Generator::unknown;
    std::vector<std::string> parts;          ///< as in ImageContent
    std::vector<std::string> releases;       ///< of the kernels whose modules it holds
    std::vector<std::string> other_releases; ///< of modules that an overlay has for another kernel than the image's
    std::optional<std::string> command_line; ///< of a unified kernel image
    std::vector<std::string> replaced;       ///< as in ImageContent
    bool behind_lz4 = false;                 ///< as in ImageContent
    bool overlay = false;                    ///< of vfio-earlyctl, without an image
    std::vector<PolicyFile> policy;          ///< in the order in which it is read; not the facts
    std::vector<PolicyFile> facts;           ///< that the image step has made: one file or none
    ImageHook hook;
    std::set<std::string, std::less<>> modules;  ///< files of modules in it; '_' for '-'
    std::set<std::string, std::less<>> built_in; ///< into its kernel
    std::string aliases;                         ///< its modules.alias
    std::vector<std::string> missing_files;      ///< modules that those of VFIO depend on, but which are not there
    std::vector<ImageLine> loads;                ///< what it loads by name, whatever the hardware
    std::vector<ImageLine> rules;                ///< lines of modprobe.d that speak of the modules of VFIO

    [[nodiscard]] bool has_module(std::string_view name) const;
    /// Adds the modules that a text of the form of modules.builtin lists, a file a line, to `built_in`.
    void add_built_in(std::string_view list);
};

/// Reads them out of the image. Pure.
[[nodiscard]] ImageFacts image_facts(const ImageContent& content);

/// Its part `hook`: what initramfs-tools and dracut (with systemd and without) make of our scripts. In an image of an
/// unknown generator nothing starts the program.
[[nodiscard]] ImageHook image_hook(const ImageContent& content, Generator generator);
/// Its part `loads`: the modules that the image loads whatever the hardware is, by conf/modules of initramfs-tools,
/// modules-load.d(5) and rd.driver.pre=, which is also what dracut writes for force_drivers.
[[nodiscard]] std::vector<ImageLine> modules_loaded_by_name(const ImageContent& content);
/// Its part `rules`: the lines of modprobe.d(5) that change what vfio, vfio-pci and their helpers do, or that load
/// them.
[[nodiscard]] std::vector<ImageLine> rules_of_vfio(const ImageContent& content);

} // namespace vfio_early
