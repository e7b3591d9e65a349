// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"
#include "early/model/text.hpp"

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

} // namespace vfio_early
