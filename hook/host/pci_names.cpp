// SPDX-License-Identifier: GPL-2.0-or-later
// The format: https://pci-ids.ucw.cz, and the comment at the end of pci.ids itself.
#include "hook/host/pci_names.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"

#include <fmt/format.h>

namespace vfio_early {

namespace {

enum class Kind : std::uint8_t { vendor, device, base_class, subclass };

std::uint64_t key(Kind kind, std::uint64_t first, std::uint64_t second = 0)
{
    return static_cast<std::uint64_t>(kind) << 32U | first << 16U | second;
}

struct Entry {
    std::uint64_t number;
    std::string_view name;
};

/// "10de  NVIDIA Corporation": a number of just so many digits, blanks, a name.
std::optional<Entry> read_entry(std::string_view line, std::size_t digits)
{
    if (line.size() < digits + 2 || line[digits] != ' ')
        return {};
    const auto number = parse_hex(line.substr(0, digits), static_cast<unsigned>(digits));
    const std::string_view name = trim(line.substr(digits));
    return number && !name.empty() ? std::optional(Entry{.number = *number, .name = name}) : std::nullopt;
}

std::string read_text(const std::string& file)
{
    constexpr std::size_t largest = 16U << 20U;
    if (!file.empty())
        return read_regular_file(file, largest).value_or("");
    // Debian and its kin; Fedora, Arch and others.
    for (const char* path : {"/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"})
        if (auto text = read_regular_file(path, largest))
            return std::move(*text);
    return {};
}

} // namespace

void PciNames::read_list() const
{
    text_ = read_text(file_);
    std::optional<std::uint64_t> above; // the vendor or class whose lines follow
    bool classes = false;
    for (const std::string_view line : split(*text_, '\n')) {
        if (line.starts_with("\t\t") || line.starts_with('#'))
            continue; // subsystems and programming interfaces are not shown
        if (line.starts_with('\t')) {
            const auto entry = above ? read_entry(line.substr(1), classes ? 2 : 4) : std::nullopt;
            if (entry)
                names_.emplace(key(classes ? Kind::subclass : Kind::device, *above, entry->number), entry->name);
            continue;
        }
        classes = line.starts_with("C ");
        const auto entry = classes ? read_entry(line.substr(2), 2) : read_entry(line, 4);
        above = entry ? std::optional(entry->number) : std::nullopt;
        if (entry)
            names_.emplace(key(classes ? Kind::base_class : Kind::vendor, entry->number), entry->name);
    }
}

std::string PciNames::look_up(std::uint64_t key) const
{
    if (!text_)
        read_list();
    const auto found = names_.find(key);
    return found == names_.end() ? std::string() : std::string(found->second);
}

std::string PciNames::vendor(const Ids& ids) const
{
    return look_up(key(Kind::vendor, ids.vendor));
}

std::string PciNames::device(const Ids& ids) const
{
    return look_up(key(Kind::device, ids.vendor, ids.device));
}

std::string PciNames::class_name(const Ids& ids) const
{
    std::string name = look_up(key(Kind::subclass, ids.base_class(), ids.subclass()));
    if (name.empty())
        name = look_up(key(Kind::base_class, ids.base_class()));
    return name.empty() ? fmt::format("Class {:04x}", ids.class_code >> 8U) : name;
}

std::string PciNames::full(const Ids& ids) const
{
    const std::string maker = vendor(ids);
    const std::string product = device(ids);
    return maker + (maker.empty() || product.empty() ? "" : " ") + product;
}

} // namespace vfio_early
