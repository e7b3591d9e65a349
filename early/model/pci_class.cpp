// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"
#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

constexpr std::uint32_t base_only = 0xff0000;
constexpr std::uint32_t base_and_sub = 0xffff00;
constexpr std::uint32_t whole = 0xffffff;

} // namespace

const std::vector<ClassName>& class_names()
{
    // PCI Code and ID Assignment Specification; linux/pci_ids.h has the same numbers.
    static const std::vector<ClassName> names{
        {"display", {0x030000, base_only}},
        {"vga", {0x030000, base_and_sub}},
        {"multimedia", {0x040000, base_only}},
        {"audio", {0x040100, 0xfffd00}}, // 0401 and 0403: the old kind and High Definition Audio
        {"usb", {0x0c0300, base_and_sub}},
        {"xhci", {0x0c0330, whole}},
        {"usb4", {0x0c0340, whole}},
        {"firewire", {0x0c0000, base_and_sub}},
        {"network", {0x020000, base_only}},
        {"ethernet", {0x020000, base_and_sub}},
        {"infiniband", {0x020700, base_and_sub}},
        {"wireless", {0x0d0000, base_only}},
        {"storage", {0x010000, base_only}},
        {"scsi", {0x010000, base_and_sub}},
        {"ide", {0x010100, base_and_sub}},
        {"raid", {0x010400, base_and_sub}},
        {"sata", {0x010600, base_and_sub}},
        {"sas", {0x010700, base_and_sub}},
        {"nvme", {0x010802, whole}},
        {"communication", {0x070000, base_only}},
        {"serial", {0x070000, base_and_sub}},
        {"crypto", {0x100000, base_only}},
        {"signal", {0x110000, base_only}},
        {"accelerator", {0x120000, base_only}},
    };
    return names;
}

bool can_hold_disks(const Ids& ids)
{
    constexpr std::uint16_t sd_host = 0x0805;
    constexpr std::uint16_t fibre_channel = 0x0c04;
    return is_storage(ids) || ids.class_and_subclass() == sd_host || is_usb(ids) ||
           ids.class_and_subclass() == fibre_channel;
}

bool is_network(const Ids& ids)
{
    constexpr std::uint8_t network = 0x02;
    constexpr std::uint8_t wireless = 0x0d;
    constexpr std::uint16_t infiniband = 0x0c06;
    return ids.base_class() == network || ids.base_class() == wireless || ids.class_and_subclass() == infiniband;
}

std::string ClassPattern::digits() const
{
    return hex_text(value, 6).substr(0, mask == whole ? 6 : mask == base_and_sub ? 4 : 2);
}

std::optional<ClassPattern> parse_class_pattern(std::string_view text)
{
    const auto& names = class_names();
    const auto named = std::ranges::find(names, text, &ClassName::name);
    if (named != names.end())
        return named->pattern;
    if (text.size() != 2 && text.size() != 4 && text.size() != 6)
        return std::nullopt;
    const auto value = parse_hex(text);
    if (!value)
        return std::nullopt;
    const auto missing_bits = static_cast<unsigned>(6 - text.size()) * 4;
    return ClassPattern{static_cast<std::uint32_t>(*value << missing_bits), whole >> missing_bits << missing_bits};
}

} // namespace vfio_early
