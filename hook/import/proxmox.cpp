// SPDX-License-Identifier: GPL-2.0-or-later
// Proxmox VE: `hostpciN:` lines of qemu-server/*.conf (qm.conf(5)) and the resource mappings of mapping/pci.cfg
// (PVE::Mapping::PCI: a line with the name, then indented properties).
#include "hook/import/formats.hpp"

#include "early/model/text.hpp"
#include "hook/import/words.hpp"

namespace vfio_early {

namespace {

struct Property {
    std::string_view key; ///< empty for the default one, which needs no key
    std::string_view value;
};

std::vector<Property> properties(std::string_view text)
{
    std::vector<Property> list;
    for (const std::string_view part : split(text, ',')) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos)
            list.push_back({{}, trim(part)});
        else
            list.push_back({trim(part.substr(0, equals)), trim(part.substr(equals + 1))});
    }
    return list;
}

void not_understood(SourceLine& line, std::string why)
{
    line.settle(LineFate::not_understood, std::move(why));
    line.wishes.clear();
}

/// "01:00.0;01:00.1", functions optional
bool add_addresses(SourceLine& line, std::string_view list)
{
    for (const std::string_view text : split(list, ';')) {
        auto wish = wish_at(text);
        if (!wish)
            return false;
        line.wishes.push_back(std::move(*wish));
    }
    return true;
}

void read_hostpci(SourceLine& line, std::string_view value)
{
    line.settle(LineFate::keep, "the virtual machine needs it");
    bool mediated = false;
    for (const Property& property : properties(value)) {
        if (property.key == "mapping") {
            line.mapping = std::string(property.value);
        } else if (property.key == "mdev") {
            mediated = true;
        } else if (property.key == "host" || property.key.empty()) {
            if (!add_addresses(line, property.value))
                return not_understood(line, "it has no PCI address");
        }
    }
    if (mediated) {
        line.wishes.clear();
        line.mapping.clear();
        line.why = "a mediated device: the host's driver must keep the function";
    }
}

void read_map(SourceLine& line, std::string_view value)
{
    std::vector<IdPattern> ids;
    std::vector<IdPattern> subsystems;
    for (const Property& property : properties(value)) {
        if (property.key == "path") {
            if (!add_addresses(line, property.value))
                return not_understood(line, "path= is no PCI address");
        } else if (property.key == "node") {
            line.node = std::string(property.value);
        } else if (property.key == "id" || property.key == "subsystem-id") {
            if (const auto id = parse_id_pattern(property.value))
                (property.key == "id" ? ids : subsystems).push_back(*id);
        }
    }
    if (line.wishes.empty())
        return not_understood(line, "it has no path=");
    for (Wish& wish : line.wishes) {
        // They are those of the first function; the others of the slot have their own.
        if (wish.selector.address->single()) {
            wish.selector.ids = ids;
            wish.selector.subsystems = subsystems;
        }
    }
    line.settle(LineFate::keep, "virtual machines name the mapping");
}

} // namespace

std::vector<SourceLine> import_formats::read_proxmox_guest(const SourceFile& source)
{
    std::vector<SourceLine> lines = content_lines(source);
    bool snapshot = false;
    for (SourceLine& line : lines) {
        snapshot = snapshot || line.text.starts_with('['); // what follows is the past
        const auto colon = line.text.find(':');
        if (!snapshot && line.text.starts_with("hostpci") && colon != std::string::npos)
            read_hostpci(line, trim(std::string_view(line.text).substr(colon + 1)));
        else
            line.why = snapshot ? "of a snapshot" : "not about PCI functions";
    }
    return lines;
}

std::vector<SourceLine> import_formats::read_proxmox_mapping(const SourceFile& source)
{
    std::vector<SourceLine> lines = content_lines(source);
    const auto raw = split(source.text, '\n');
    std::string name;
    std::vector<SourceLine*> section;
    const auto forget_section = [&] {
        for (SourceLine* line : section) {
            line->wishes.clear();
            line->why = "a mapping of mediated devices: the host's driver must keep the function";
        }
    };
    for (SourceLine& line : lines) {
        const std::string_view written = raw[line.number - 1];
        const auto words = blank_words(line.text);
        if (written.front() != ' ' && written.front() != '\t') {
            name = line.text;
            section.clear();
            line.why = "the name of a mapping";
        } else if (words.front() == "map" && words.size() > 1) {
            read_map(line, words[1]);
            line.mapping = name;
            section.push_back(&line);
        } else {
            line.why = "not about PCI functions";
            if (words.front() == "mdev" && words.back() == "1")
                forget_section();
        }
    }
    return lines;
}

} // namespace vfio_early
