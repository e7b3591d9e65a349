// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"
#include "early/model/text.hpp"

namespace vfio_early {

namespace {

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
        const auto byte = part.size() == 2 ? parse_hex(part) : std::nullopt;
        if (!byte)
            return std::nullopt;
        serial = serial << 8U | *byte;
    }
    return serial;
}

} // namespace vfio_early
