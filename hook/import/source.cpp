// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/source.hpp"

#include "early/model/text.hpp"
#include "hook/import/formats.hpp"
#include "hook/import/words.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

using Reader = std::vector<SourceLine> (*)(const SourceFile&);

struct Format {
    SourceKind kind;
    std::string_view word;
    Reader read;
};

constexpr std::array formats{
    Format{SourceKind::modprobe, "modprobe", import_formats::read_modprobe},
    Format{SourceKind::command_line, "cmdline", import_formats::read_command_line},
    Format{SourceKind::grub, "grub", import_formats::read_grub},
    Format{SourceKind::driverctl, "driverctl", import_formats::read_driverctl},
    Format{SourceKind::libvirt, "libvirt", import_formats::read_libvirt},
    Format{SourceKind::proxmox_guest, "proxmox", import_formats::read_proxmox_guest},
    Format{SourceKind::proxmox_mapping, "proxmox-mapping", import_formats::read_proxmox_mapping},
    Format{SourceKind::unraid, "unraid", import_formats::read_unraid},
    Format{SourceKind::loader_entry, "loader-entry", import_formats::read_loader_entry},
    Format{SourceKind::module_list, "modules", import_formats::read_module_list},
    Format{SourceKind::image_modules, "initramfs-modules", import_formats::read_module_list},
};

bool is_modprobe_command(std::string_view word)
{
    constexpr std::array<std::string_view, 7> commands{"options", "alias",  "blacklist", "softdep",
                                                       "install", "remove", "config"};
    return std::ranges::find(commands, word) != commands.end();
}

bool is_hostpci(std::string_view text)
{
    if (!text.starts_with("hostpci"))
        return false;
    const auto colon = text.find(':');
    return colon != std::string_view::npos && parse_decimal(text.substr(7, colon - 7)).has_value();
}

/// A module's name, and options at most.
bool is_module_line(std::string_view line)
{
    const auto words = blank_words(line);
    return is_name(words.front()) && std::all_of(words.begin() + 1, words.end(), [](std::string_view word) {
               return word.find('=') != std::string_view::npos;
           });
}

} // namespace

std::optional<SourceKind> parse_source_kind(std::string_view word)
{
    const auto found = std::ranges::find(formats, word, &Format::word);
    return found == formats.end() ? std::nullopt : std::optional(found->kind);
}

std::vector<std::string> source_kind_words()
{
    std::vector<std::string> words;
    for (const Format& format : formats)
        words.emplace_back(format.word);
    return words;
}

std::optional<SourceKind> detect_source_kind(std::string_view name, std::string_view text)
{
    const std::string_view base = base_name(name);
    if (trim(text).starts_with('<'))
        return SourceKind::libvirt;
    if (base.starts_with("pci-") && parse_address(base.substr(4)))
        return SourceKind::driverctl;
    if (name.ends_with("initramfs-tools/modules"))
        return SourceKind::image_modules;
    const std::vector<SourceLine> lines = content_lines({SourceKind::modprobe, std::string(name), std::string(text)});
    const auto any = [&](auto&& test) {
        return std::ranges::any_of(lines, [&](const SourceLine& line) { return test(line.text); });
    };
    if (any([](std::string_view line) { return line.starts_with("BIND=") || line.starts_with("DEVICES="); }))
        return SourceKind::unraid;
    if (any([](std::string_view line) { return line.starts_with("GRUB_CMDLINE_LINUX"); }))
        return SourceKind::grub;
    if (any([](std::string_view line) { return line.starts_with("map ") && line.find("path=") != line.npos; }))
        return SourceKind::proxmox_mapping;
    if (name.find("loader/entries/") != name.npos)
        return SourceKind::loader_entry;
    if (any(is_hostpci))
        return SourceKind::proxmox_guest;
    if (any([](std::string_view line) { return is_modprobe_command(blank_words(line).front()); }))
        return SourceKind::modprobe;
    if (lines.size() == 1 && (base.find("cmdline") != base.npos || lines.front().text.find('=') != std::string::npos))
        return SourceKind::command_line;
    if (!lines.empty() && std::ranges::all_of(lines, is_module_line, &SourceLine::text))
        return SourceKind::module_list;
    return {};
}

std::string SourceLine::location() const
{
    return number == 0 ? file : file + ':' + std::to_string(number);
}

std::vector<SourceLine> read_source(const SourceFile& source)
{
    std::vector<SourceLine> lines = std::ranges::find(formats, source.kind, &Format::kind)->read(source);
    for (SourceLine& line : lines)
        line.package = source.package;
    return lines;
}

} // namespace vfio_early
