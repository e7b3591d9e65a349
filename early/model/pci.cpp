// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"

#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

constexpr std::uint64_t last_device = 31;
constexpr std::uint64_t last_function = 7;

/// Exactly `digits` hex digits, at most `last`.
std::optional<std::uint8_t> parse_part(std::string_view text, std::size_t digits, std::uint64_t last)
{
    const auto value = text.size() == digits ? parse_hex(text) : std::nullopt;
    if (!value || *value > last)
        return std::nullopt;
    return static_cast<std::uint8_t>(*value);
}

/// "00.1"
std::optional<Path::Hop> parse_hop(std::string_view text)
{
    const auto dot = text.find('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    const auto device = parse_part(text.substr(0, dot), 2, last_device);
    const auto function = parse_part(text.substr(dot + 1), 1, last_function);
    if (!device || !function)
        return std::nullopt;
    return Path::Hop{*device, *function};
}

std::string hop_text(std::uint8_t device, std::uint8_t function)
{
    return hex_text(device, 2).append({'.', static_cast<char>('0' + function)});
}

constexpr std::uint8_t base_class_bridge = 0x06;
constexpr std::uint8_t subclass_other_bridge = 0x80;
constexpr std::uint8_t header_type_bridge = 1;
constexpr std::uint8_t header_type_cardbus = 2;

/// The lowest digits of `value`, over the zeros that stand at `place`.
void put_upper_hex(std::string& text, std::size_t place, std::uint32_t value, unsigned digits)
{
    while (digits-- > 0)
        text[place++] = "0123456789ABCDEF"[value >> 4 * digits & 0xfU];
}

std::optional<std::uint16_t> parse_id(std::string_view text)
{
    const auto value = text.size() == 4 ? parse_hex(text) : std::nullopt;
    if (!value)
        return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

constexpr std::uint32_t base_only = 0xff0000;
constexpr std::uint32_t base_and_sub = 0xffff00;
constexpr std::uint32_t whole_class = 0xffffff;

} // namespace

std::string Address::text() const
{
    std::string text = hex_text(domain, 4);
    text.append(":").append(hex_text(bus, 2)).append(":").append(hop_text(device, function));
    return text;
}

std::optional<Address> parse_address(std::string_view text)
{
    // Without split(): this is done for every function of a machine, several times.
    std::uint32_t domain = 0;
    std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
        // "%04x": four digits, more only where they are needed.
        const auto value = colon >= 4 ? parse_hex(text.substr(0, colon), 8) : std::nullopt;
        if (!value)
            return std::nullopt;
        domain = static_cast<std::uint32_t>(*value);
        text.remove_prefix(colon + 1);
        colon = text.find(':');
    }
    if (colon == std::string_view::npos)
        return std::nullopt;
    const auto bus = parse_part(text.substr(0, colon), 2, 0xff);
    const auto hop = parse_hop(text.substr(colon + 1));
    if (!bus || !hop)
        return std::nullopt;
    return Address{domain, *bus, hop->device, hop->function};
}

std::string Path::text() const
{
    std::string text = root.text();
    for (const Hop& hop : hops)
        text += '/' + hop_text(hop.device, hop.function);
    return text;
}

std::string Ids::id_text() const
{
    return hex_text(vendor, 4) + ':' + hex_text(device, 4);
}

std::string Ids::subsystem_text() const
{
    return hex_text(subvendor, 4) + ':' + hex_text(subdevice, 4);
}

std::string Ids::modalias() const
{
    std::string text = "pci:v00000000d00000000sv00000000sd00000000bc00sc00i00";
    put_upper_hex(text, 9, vendor, 4);
    put_upper_hex(text, 18, device, 4);
    put_upper_hex(text, 28, subvendor, 4);
    put_upper_hex(text, 38, subdevice, 4);
    put_upper_hex(text, 44, base_class(), 2);
    put_upper_hex(text, 48, subclass(), 2);
    put_upper_hex(text, 51, class_code, 2);
    return text;
}

bool is_bridge(const Ids& ids, std::uint8_t header_type)
{
    // Whatever its class says: what has a bridge's header is one (and vfio-pci's probe refuses it,
    // vfio_pci_core_register_device() in drivers/vfio/pci/vfio_pci_core.c).
    if (header_type == header_type_bridge || header_type == header_type_cardbus)
        return true;
    return ids.base_class() == base_class_bridge && ids.subclass() != subclass_other_bridge;
}

std::string IdPattern::text() const
{
    return hex_text(vendor, 4) + ':' + (device ? hex_text(*device, 4) : "*");
}

std::optional<IdPattern> parse_id_pattern(std::string_view text)
{
    const auto parts = split(text, ':');
    if (parts.size() != 2)
        return std::nullopt;
    const auto vendor = parse_id(parts[0]);
    if (!vendor)
        return std::nullopt;
    if (parts[1] == "*")
        return IdPattern{*vendor, std::nullopt};
    const auto device = parse_id(parts[1]);
    if (!device)
        return std::nullopt;
    return IdPattern{*vendor, device};
}

std::string serial_text(std::uint64_t serial)
{
    const std::string digits = hex_text(serial, 16);
    std::string text = digits.substr(0, 2);
    for (std::size_t i = 2; i < digits.size(); i += 2)
        text += '-' + digits.substr(i, 2);
    return text;
}

std::optional<std::uint64_t> parse_serial(std::string_view text)
{
    if (text.size() == 16)
        return parse_hex(text);
    const auto parts = split(text, '-');
    if (parts.size() != 8)
        return std::nullopt;
    std::uint64_t serial = 0;
    for (const std::string_view part : parts) {
        const auto byte = parse_part(part, 2, 0xff);
        if (!byte)
            return std::nullopt;
        serial = serial << 8U | *byte;
    }
    return serial;
}

const std::vector<ClassName>& class_names()
{
    // PCI Code and ID Assignment Specification; linux/pci_ids.h has the same numbers.
    static const std::vector<ClassName> names{
        {"display", {0x030000, base_only}},
        {"vga", {0x030000, base_and_sub}},
        {"multimedia", {0x040000, base_only}},
        {"audio", {0x040100, 0xfffd00}}, // 0401 and 0403: the old kind and High Definition Audio
        {"usb", {0x0c0300, base_and_sub}},
        {"xhci", {0x0c0330, whole_class}},
        {"usb4", {0x0c0340, whole_class}},
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
        {"nvme", {0x010802, whole_class}},
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
    return hex_text(value, 6).substr(0, mask == whole_class ? 6 : mask == base_and_sub ? 4 : 2);
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
    return ClassPattern{static_cast<std::uint32_t>(*value << missing_bits),
                        whole_class >> missing_bits << missing_bits};
}

} // namespace vfio_early
