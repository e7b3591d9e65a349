// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/places.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/import/file_owners.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
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
    Place{SourceKind::loader_entry, "boot/loader/entries", ".conf"},
    Place{SourceKind::loader_entry, "efi/loader/entries", ".conf"},
    Place{SourceKind::loader_entry, "boot/efi/loader/entries", ".conf"},
    Place{SourceKind::command_line, "proc/cmdline", nullptr}, // last: what stands in a file is the file's
};

/// What is there, and what is there but cannot be read.
class Collector {
public:
    Collector(const Root& root, std::vector<std::string>& unreadable) : root_(root), unreadable_(unreadable) {}

    void add_place(const Place& place);
    std::vector<SourceFile> sources;

private:
    void add_file(SourceKind kind, const std::string& path)
    {
        if (auto text = read_regular_file(root_, path))
            sources.push_back({.kind = kind,
                               .name = "/" + path,
                               .text = std::move(*text),
                               .package = kind == SourceKind::modprobe ? owners_.package_of("/" + path) : ""});
        else if (text.error().code != ENOENT)
            unreadable_.push_back(text.error().message());
    }

    const Root& root_;
    std::vector<std::string>& unreadable_;
    FileOwners owners_{root_};
};

void Collector::add_place(const Place& place)
{
    if (place.suffix == nullptr) {
        add_file(place.kind, place.path);
        return;
    }
    const auto names = root_.list(place.path);
    if (!names) {
        if (names.error().code != ENOENT)
            unreadable_.push_back(names.error().message());
        return;
    }
    for (const std::string& name : *names) {
        const std::string path = std::string(place.path) + "/" + name;
        // Debian has /etc/modules-load.d/modules.conf, a link to /etc/modules.
        const auto link = root_.read_link(path);
        if (name.ends_with(place.suffix) && !(link && base_name(*link) == "modules"))
            add_file(place.kind, path);
    }
}

} // namespace

std::vector<SourceFile> read_places(const Root& root, std::vector<std::string>& unreadable)
{
    Collector collector(root, unreadable);
    for (const Place& place : places)
        collector.add_place(place);
    return std::move(collector.sources);
}

std::vector<SourceFile> read_proxmox_mappings(const Root& root)
{
    std::vector<std::string> unreadable; // the user named other files
    Collector collector(root, unreadable);
    collector.add_place(*std::ranges::find(places, SourceKind::proxmox_mapping, &Place::kind));
    return std::move(collector.sources);
}

std::vector<SourceLine> read_sources(const std::vector<SourceFile>& sources)
{
    std::vector<SourceLine> lines;
    std::set<std::string> boot_words;
    for (const SourceFile& source : sources) {
        const bool running = source.name == "/proc/cmdline";
        const bool boot = running || source.kind == SourceKind::command_line || source.kind == SourceKind::grub ||
                          source.kind == SourceKind::loader_entry;
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
