// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/places.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace vfio_early {

namespace {

struct Place {
    SourceKind kind;
    const char* path;   ///< a file, or a directory where `suffix` is given
    const char* suffix; ///< the files of the directory that count; null: `path` is a file
};

constexpr std::array places{
    Place{SourceKind::modprobe, "etc/modprobe.d", ".conf"},
    Place{SourceKind::module_list, "etc/modules", nullptr},
    Place{SourceKind::module_list, "etc/modules-load.d", ".conf"},
    Place{SourceKind::image_modules, "etc/initramfs-tools/modules", nullptr},
    Place{SourceKind::driverctl, "etc/driverctl.d", ""},
    Place{SourceKind::libvirt, "etc/libvirt/qemu", ".xml"},
    Place{SourceKind::proxmox_guest, "etc/pve/qemu-server", ".conf"},
    Place{SourceKind::proxmox_mapping, "etc/pve/mapping/pci.cfg", nullptr},
    Place{SourceKind::unraid, "boot/config/vfio-pci.cfg", nullptr},
    Place{SourceKind::grub, "etc/default/grub", nullptr},
    Place{SourceKind::grub, "etc/default/grub.d", ".cfg"},
    Place{SourceKind::command_line, "etc/kernel/cmdline", nullptr},
    Place{SourceKind::command_line, "proc/cmdline", nullptr}, // last: what stands in a file is the file's
};

void add_file(std::vector<SourceFile>& sources, const Root& root, SourceKind kind, const std::string& path)
{
    if (auto text = root.read(path))
        sources.push_back({.kind = kind, .name = "/" + path, .text = std::move(*text)});
}

void add_place(std::vector<SourceFile>& sources, const Root& root, const Place& place)
{
    if (place.suffix == nullptr) {
        add_file(sources, root, place.kind, place.path);
        return;
    }
    const auto names = root.list(place.path);
    if (!names)
        return;
    for (const std::string& name : *names) {
        const std::string path = std::string(place.path) + "/" + name;
        // Debian has /etc/modules-load.d/modules.conf, a link to /etc/modules.
        const auto link = root.read_link(path);
        if (name.ends_with(place.suffix) && !(link && base_name(*link) == "modules"))
            add_file(sources, root, place.kind, path);
    }
}

} // namespace

std::vector<SourceFile> read_places(const Root& root)
{
    std::vector<SourceFile> sources;
    for (const Place& place : places)
        add_place(sources, root, place);
    return sources;
}

std::vector<SourceFile> read_proxmox_mappings(const Root& root)
{
    std::vector<SourceFile> sources;
    const auto place = std::ranges::find(places, SourceKind::proxmox_mapping, &Place::kind);
    add_place(sources, root, *place);
    return sources;
}

std::vector<SourceLine> read_sources(const std::vector<SourceFile>& sources)
{
    std::vector<SourceLine> lines;
    std::set<std::string> boot_words;
    for (const SourceFile& source : sources) {
        const bool running = source.name == "/proc/cmdline";
        const bool boot = running || source.kind == SourceKind::command_line || source.kind == SourceKind::grub;
        for (SourceLine& line : read_source(source)) {
            if (boot && !boot_words.insert(line.text).second && running)
                continue;
            lines.push_back(std::move(line));
        }
    }
    return lines;
}

std::string host_name(const Root& root)
{
    return root.read_line("etc/hostname").value_or("");
}

bool runs_below_xen(const Root& root)
{
    return root.read_line("sys/hypervisor/type").value_or("") == "xen";
}

} // namespace vfio_early
