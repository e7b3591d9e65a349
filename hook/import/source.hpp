// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// The formats in which other ways of binding write down what they bind.
enum class SourceKind : std::uint8_t {
    modprobe,        ///< modprobe.d(5)
    command_line,    ///< /proc/cmdline, /etc/kernel/cmdline
    grub,            ///< /etc/default/grub: the command line within GRUB_CMDLINE_LINUX*="..."
    driverctl,       ///< /etc/driverctl.d/pci-ADDRESS
    libvirt,         ///< domain XML
    proxmox_guest,   ///< /etc/pve/qemu-server/*.conf
    proxmox_mapping, ///< /etc/pve/mapping/pci.cfg
    unraid,          ///< vfio-pci.cfg
    loader_entry,    ///< loader/entries/*.conf: the command line behind `options`
    module_list,     ///< /etc/modules, /etc/modules-load.d/*.conf
    image_modules,   ///< /etc/initramfs-tools/modules
};

/// The words for --from=, in the order of the enumeration: "modprobe", ...
[[nodiscard]] std::vector<std::string> source_kind_words();
[[nodiscard]] std::optional<SourceKind> parse_source_kind(std::string_view word);

struct SourceFile {
    SourceKind kind = SourceKind::modprobe;
    std::string name; ///< as the user would name it
    std::string text;
    std::string package = {}; ///< that brings the file, as far as is known
};

/// The kind of a text by its name and its content; nothing if it is none of them.
[[nodiscard]] std::optional<SourceKind> detect_source_kind(std::string_view name, std::string_view text);

/// Functions that a line wants for a virtual machine.
struct Wish {
    Selector selector{};
    std::string driver = "auto"; ///< as in the policy
    bool whole_group = false;    ///< Unraid takes the other functions of the IOMMU group too
};

/// What the user should do with a line of the old configuration.
enum class LineFate : std::uint8_t {
    unrelated,      ///< leave it: it has nothing to do with binding
    remove,         ///< it may be deleted
    keep,           ///< leave it: it is still needed
    not_understood, ///< look at it
};

/// One line of a source, or what a format has instead: a word of a command line, an element of XML.
struct SourceLine {
    std::string file{};
    unsigned number = 0; ///< from 1; 0: the text is no line of that file
    std::string text{};
    LineFate fate = LineFate::unrelated;
    std::string why{};                          ///< one sentence without a full stop
    std::vector<Wish> wishes{};                 ///< what it binds
    std::vector<ModuleSetting> settings{};      ///< module options that the policy is to carry
    std::vector<std::string> blocked_modules{}; ///< that it keeps from loading, '_' for '-'
    std::string mapping{};                      ///< Proxmox: the resource mapping that it names
    std::string node{};                         ///< Proxmox: the host it speaks of
    std::string package{};                      ///< that brings the file; empty: the file is the user's

    /// Decides what is to become of it.
    void settle(LineFate decided, std::string reason)
    {
        fate = decided;
        why = std::move(reason);
    }
    /// "/etc/modprobe.d/vfio.conf:1"
    [[nodiscard]] std::string location() const;
};

/// Reads one source. Pure; no input makes it fail: what cannot be read is a line that is not understood. Lines
/// without content and comments are left out.
[[nodiscard]] std::vector<SourceLine> read_source(const SourceFile& source);

} // namespace vfio_early
