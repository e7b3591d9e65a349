// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"
#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

constexpr std::uint8_t base_class_display = 0x03;
constexpr std::uint8_t base_class_bridge = 0x06;
constexpr std::uint8_t subclass_pci_bridge = 0x04;
constexpr std::uint8_t subclass_other_bridge = 0x80;
constexpr std::uint8_t header_type_bridge = 1;
constexpr std::uint8_t header_type_cardbus = 2;

std::string upper_hex(std::uint64_t value, unsigned digits)
{
    std::string text = hex_text(value, digits);
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::optional<std::uint16_t> parse_id(std::string_view text)
{
    const auto value = text.size() == 4 ? parse_hex(text) : std::nullopt;
    if (!value)
        return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

} // namespace

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
    return "pci:v" + upper_hex(vendor, 8) + 'd' + upper_hex(device, 8) + "sv" + upper_hex(subvendor, 8) + "sd"
        + upper_hex(subdevice, 8) + "bc" + upper_hex(base_class(), 2) + "sc" + upper_hex(subclass(), 2) + 'i'
        + upper_hex(class_code & 0xffU, 2);
}

bool is_display(const Ids& ids)
{
    return ids.base_class() == base_class_display;
}

bool is_vga(const Ids& ids)
{
    return ids.base_class() == base_class_display && ids.subclass() == 0;
}

bool is_pci_bridge(const Ids& ids)
{
    return ids.base_class() == base_class_bridge && ids.subclass() == subclass_pci_bridge;
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
        const auto byte = part.size() == 2 ? parse_hex(part) : std::nullopt;
        if (!byte)
            return std::nullopt;
        serial = serial << 8U | *byte;
    }
    return serial;
}

} // namespace vfio_early
