// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/system_files.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/import/file_owners.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

namespace vfio_early {

namespace {

struct SourcePath {
    SourceKind kind;
    const char* path;   ///< a file, or a directory where `suffix` is given
    const char* suffix; ///< the files of the directory that count; null: `path` is a file
};

constexpr std::array source_paths{
    SourcePath{SourceKind::modprobe, "etc/modprobe.d", ".conf"},
    SourcePath{SourceKind::module_list, "etc/modules", nullptr},
    SourcePath{SourceKind::module_list, "etc/modules-load.d", ".conf"},
    SourcePath{SourceKind::image_modules, "etc/initramfs-tools/modules", nullptr},
    SourcePath{SourceKind::driverctl, "etc/driverctl.d", ""},
    SourcePath{SourceKind::libvirt, "etc/libvirt/qemu", ".xml"},
    SourcePath{SourceKind::proxmox_guest, "etc/pve/qemu-server", ".conf"},
    SourcePath{SourceKind::proxmox_mapping, "etc/pve/mapping/pci.cfg", nullptr},
    SourcePath{SourceKind::unraid, "boot/config/vfio-pci.cfg", nullptr},
    SourcePath{SourceKind::grub, "etc/default/grub", nullptr},
    SourcePath{SourceKind::grub, "etc/default/grub.d", ".cfg"},
    SourcePath{SourceKind::command_line, "etc/kernel/cmdline", nullptr},
    SourcePath{SourceKind::loader_entry, "boot/loader/entries", ".conf"},
    SourcePath{SourceKind::loader_entry, "efi/loader/entries", ".conf"},
    SourcePath{SourceKind::loader_entry, "boot/efi/loader/entries", ".conf"},
    SourcePath{SourceKind::command_line, "proc/cmdline", nullptr}, // last: what stands in a file is the file's
};

/// Collects the files that exist, and the reasons why some cannot be read.
class Collector {
public:
    Collector(const Root& root, std::vector<std::string>& unreadable) : root_(root), unreadable_(unreadable) {}

    void add_path(const SourcePath& source);
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

void Collector::add_path(const SourcePath& source)
{
    if (source.suffix == nullptr) {
        add_file(source.kind, source.path);
        return;
    }
    const auto names = root_.list(source.path);
    if (!names) {
        if (names.error().code != ENOENT)
            unreadable_.push_back(names.error().message());
        return;
    }
    for (const std::string& name : *names) {
        const std::string path = std::string(source.path) + "/" + name;
        // Debian has /etc/modules-load.d/modules.conf, a link to /etc/modules.
        const auto link = root_.read_link(path);
        if (name.ends_with(source.suffix) && !(link && base_name(*link) == "modules"))
            add_file(source.kind, path);
    }
}

} // namespace

std::vector<SourceFile> read_system_files(const Root& root, std::vector<std::string>& unreadable)
{
    Collector collector(root, unreadable);
    for (const SourcePath& source : source_paths)
        collector.add_path(source);
    return std::move(collector.sources);
}

std::vector<SourceFile> read_proxmox_mappings(const Root& root)
{
    std::vector<std::string> unreadable; // the user named other files
    Collector collector(root, unreadable);
    collector.add_path(*std::ranges::find(source_paths, SourceKind::proxmox_mapping, &SourcePath::kind));
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
