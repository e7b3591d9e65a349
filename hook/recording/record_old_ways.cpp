// SPDX-License-Identifier: GPL-2.0-or-later
// What import, doctor and boot-params read: other ways of binding, the boot loader, the CPU. Of files that may hold
// private things only the lines that those commands look at.
#include "hook/recording/recorder.hpp"

#include "early/model/text.hpp"
#include "hook/doctor/survey_parts.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/import/file_owners.hpp"
#include "hook/import/source.hpp"
#include "hook/import/system_files.hpp"
#include "hook/recording/private_words.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <tuple>

namespace vfio_early {

namespace {

/// Keeps the lines for which `keep` is true, and makes the others empty, so that line numbers stay.
template <typename Keep>
std::string blanked(std::string_view text, Keep keep)
{
    std::string result;
    for (const std::string_view line : lines_of(text))
        result += (keep(line) ? std::string(line) : std::string()) + "\n";
    return result;
}

/// A line of a domain's XML that leads to a PCI function. libvirt writes one element a line.
bool is_device_line(std::string_view line)
{
    constexpr std::array<std::string_view, 13> elements{
        "<domain",     "</domain", "<devices", "</devices", "<hostdev",  "</hostdev", "<interface",
        "</interface", "<disk",    "</disk",   "<source>",  "</source>", "<address"};
    line = trim(line);
    return line.starts_with("<source type=\"pci\"") || line.starts_with("<source type='pci'") ||
           std::ranges::any_of(elements, [&](std::string_view element) { return line.starts_with(element); });
}

bool same_lines(const SourceFile& one, const SourceFile& other)
{
    const auto key = [](const SourceLine& line) { return std::tuple(line.number, line.text, line.why); };
    return std::ranges::equal(read_source(one), read_source(other), {}, key, key);
}

/// The domains, without their names, disks and passwords. One that would read differently is left out.
void record_domains(Recorder& recorder)
{
    const std::string directory = "etc/libvirt/qemu";
    for (const std::string& name : names_in(recorder.root(), directory)) {
        const std::string path = directory + "/" + name;
        const auto text = read_regular_file(recorder.root(), path);
        if (!name.ends_with(".xml") || !text)
            continue;
        const SourceFile whole{.kind = SourceKind::libvirt, .name = path, .text = *text};
        const SourceFile reduced{.kind = SourceKind::libvirt, .name = path, .text = blanked(*text, is_device_line)};
        if (same_lines(whole, reduced))
            recorder.text(path, reduced.text);
    }
}

using Beginnings = std::initializer_list<std::string_view>;

void record_lines_of(Recorder& recorder, const std::string& path, Beginnings beginnings)
{
    const auto kept = [&](std::string_view line) {
        return std::ranges::any_of(beginnings,
                                   [&](std::string_view beginning) { return trim(line).starts_with(beginning); });
    };
    const auto text = read_regular_file(recorder.root(), path);
    if (!text)
        return;
    const std::string left = blanked(*text, kept);
    std::vector<std::string> lines; // of which those of boot loaders hold a kernel command line
    for (const std::string_view line : split(left, '\n'))
        lines.push_back(line.starts_with("GRUB_")     ? without_private_values_in_grub(line)
                        : line.starts_with("options") ? without_private_values(line)
                                                      : std::string(line));
    recorder.text(path, join(lines, "\n"));
}

void record_directory(Recorder& recorder, const std::string& directory, std::string_view suffix, Beginnings beginnings)
{
    for (const std::string& name : names_in(recorder.root(), directory))
        if (name.ends_with(suffix))
            record_lines_of(recorder, directory + "/" + name, beginnings);
}

void record_boot_loader(Recorder& recorder)
{
    record_lines_of(recorder, "etc/default/grub", {"GRUB_CMDLINE_LINUX"});
    record_directory(recorder, "etc/default/grub.d", ".cfg", {"GRUB_CMDLINE_LINUX"});
    for (const char* directory : {"boot/loader/entries", "efi/loader/entries", "boot/efi/loader/entries"})
        record_directory(recorder, directory, ".conf", {"options"});
    if (const auto line = read_regular_file(recorder.root(), "etc/kernel/cmdline"))
        recorder.text("etc/kernel/cmdline", recorder.cleaned(without_private_values(*line)));
    for (const char* path : {"etc/kernel/install.conf", "usr/lib/kernel/install.conf"})
        recorder.file(path);
    recorder.presence("etc/kernel/proxmox-boot-uuids");
    for (const char* program : {"update-initramfs", "dracut", "mkinitcpio", "booster", "update-grub",
                                "proxmox-boot-tool", "bootctl", "grubby"})
        for (const char* directory : {"usr/sbin/", "usr/bin/"})
            recorder.presence(std::string(directory) + program);
    for (const std::string& name : names_in(recorder.root(), "boot"))
        if (name.starts_with("config-"))
            record_lines_of(recorder, "boot/" + name, {"CONFIG_INTEL_IOMMU"});
        else if (name.starts_with("vmlinuz-") || name.starts_with("initrd.img-"))
            recorder.presence("boot/" + name);
}

/// The resource mappings of Proxmox, and the name of the host, by which they tell the hosts of a cluster apart. It is
/// called "host", the others "other".
void record_mappings(Recorder& recorder)
{
    const std::string own = host_name(recorder.root());
    if (!own.empty())
        recorder.text("etc/hostname", "host\n");
    const auto text = read_regular_file(recorder.root(), "etc/pve/mapping/pci.cfg");
    if (!text)
        return;
    std::string mappings;
    for (const std::string_view line : split(*text, '\n')) {
        const std::string_view content = trim(line);
        const bool name = line.find_first_not_of(" \t") == 0;
        std::string kept = name || content.starts_with("mdev") || content.starts_with("map ") ? std::string(line) : "";
        const auto node = kept.find("node=");
        if (!name && node != kept.npos) {
            const auto end = std::min(kept.find_first_of(", \t", node), kept.size());
            const bool ours = own.empty() || kept.substr(node + 5, end - node - 5) == own;
            kept.replace(node, end - node, ours ? "node=host" : "node=other");
        }
        mappings += kept + "\n";
    }
    recorder.text("etc/pve/mapping/pci.cfg", std::move(mappings));
}

/// Of the CPU: its maker, and the first processor's flags.
void record_cpu(Recorder& recorder)
{
    const std::string text = recorder.root().read("proc/cpuinfo", 16U << 20U).value_or("");
    const auto lines = split(text, '\n');
    std::string kept;
    for (const std::string_view key : {"vendor_id", "flags"}) {
        const auto found = std::ranges::find_if(lines, [&](std::string_view line) { return line.starts_with(key); });
        if (found != lines.end())
            kept += std::string(*found) + "\n";
    }
    if (!kept.empty())
        recorder.text("proc/cpuinfo", std::move(kept));
}

} // namespace

void record_old_ways(Recorder& recorder)
{
    record_domains(recorder);
    // A section is a snapshot of the machine: what stands there is not its configuration now.
    record_directory(recorder, "etc/pve/qemu-server", ".conf", {"hostpci", "["});
    for (const char* path : {"boot/config/vfio-pci.cfg", "sys/hypervisor/type", "run/vfio-early/report.jsonl"})
        recorder.file(path);
    record_mappings(recorder);
    for (const survey_parts::OwnFile& file : survey_parts::read_own_files(recorder.root()))
        if (!survey_parts::find_hooks({file}).empty())
            recorder.text(file.path.substr(1), recorder.cleaned(blanked(file.text, survey_parts::is_about_functions)));
    if (const auto status = read_regular_file(recorder.root(), FileOwners::status_file, 64U << 20U))
        recorder.text(FileOwners::status_file, owners_of_directory(*status, "/etc/modprobe.d/"));
    record_boot_loader(recorder);
    record_cpu(recorder);
}

} // namespace vfio_early
