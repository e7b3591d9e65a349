// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"
#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

/// The values below N whose text, written in `digits` hex digits, the glob matches; nothing if there is none.
template <std::size_t N>
std::optional<ValueSet<N>> parse_values(std::string_view glob, unsigned digits)
{
    ValueSet<N> values;
    if (glob == "*")
        return values.set();
    if (const auto value = glob.size() == digits ? parse_hex(glob) : std::nullopt; value && *value < N)
        return values.set(*value); // no glob at all: a policy of a thousand plain addresses is read at once
    for (std::size_t value = 0; value < N; ++value)
        values[value] = glob_match(glob, hex_text(value, digits));
    if (values.none())
        return std::nullopt;
    return values;
}

/// Nothing but what an address or a glob over one can hold: a pattern goes into log lines and policy lines.
bool has_only_pattern_characters(std::string_view text)
{
    return text.find_first_not_of("0123456789abcdef:./*?[]!-") == std::string_view::npos;
}

/// "00.*"
std::optional<PathPattern::Hop> parse_hop_pattern(std::string_view text)
{
    const auto dot = text.find('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    const auto devices = parse_values<32>(text.substr(0, dot), 2);
    const auto functions = parse_values<8>(text.substr(dot + 1), 1);
    if (!devices || !functions)
        return std::nullopt;
    return PathPattern::Hop{*devices, *functions};
}

/// "0000", "10000" or "*"; false for anything else.
bool parse_domain(std::string_view text, std::optional<std::uint32_t>& domain)
{
    if (text == "*") {
        domain.reset();
        return true;
    }
    const auto value = text.size() >= 4 ? parse_hex(text, 8) : std::nullopt;
    if (!value)
        return false;
    domain = static_cast<std::uint32_t>(*value);
    return true;
}

template <std::size_t N>
std::uint8_t first_of(const ValueSet<N>& values)
{
    std::uint8_t value = 0;
    while (!values[value])
        ++value;
    return value;
}

} // namespace

bool AddressPattern::matches(const Address& address) const
{
    return (!domain || *domain == address.domain) && buses[address.bus] && devices[address.device & 0x1fU] &&
           functions[address.function & 0x7U];
}

std::optional<Address> AddressPattern::single() const
{
    if (!domain || buses.count() != 1 || devices.count() != 1 || functions.count() != 1)
        return std::nullopt;
    return Address{*domain, first_of(buses), first_of(devices), first_of(functions)};
}

std::optional<AddressPattern> parse_address_pattern(std::string_view written)
{
    const std::string text = lower_case(written);
    if (!has_only_pattern_characters(text))
        return std::nullopt;
    AddressPattern pattern;
    pattern.domain = 0;
    auto parts = split(text, ':');
    if (parts.size() == 3) {
        if (!parse_domain(parts[0], pattern.domain))
            return std::nullopt;
        pattern.text = text;
        parts.erase(parts.begin());
    } else {
        pattern.text = "0000:" + text;
    }
    if (parts.size() != 2)
        return std::nullopt;
    const auto buses = parse_values<256>(parts[0], 2);
    const auto hop = parse_hop_pattern(parts[1]);
    if (!buses || !hop)
        return std::nullopt;
    pattern.buses = *buses;
    pattern.devices = hop->devices;
    pattern.functions = hop->functions;
    return pattern;
}

bool PathPattern::matches(const Path& path) const
{
    return root.matches(path.root) && std::ranges::equal(hops, path.hops, [](const Hop& pattern, const Path::Hop& hop) {
               return pattern.devices[hop.device & 0x1fU] && pattern.functions[hop.function & 0x7U];
           });
}

std::optional<PathPattern> parse_path_pattern(std::string_view written)
{
    const std::string text = lower_case(written);
    if (!has_only_pattern_characters(text))
        return std::nullopt;
    const auto slash = std::min(text.find('/'), text.size());
    auto root = parse_address_pattern(std::string_view(text).substr(0, slash));
    if (!root)
        return std::nullopt;
    PathPattern pattern{root->text + text.substr(slash), std::move(*root), {}};
    if (slash == text.size())
        return pattern;
    for (const std::string_view part : split(std::string_view(text).substr(slash + 1), '/')) {
        auto hop = parse_hop_pattern(part);
        if (!hop)
            return std::nullopt;
        pattern.hops.push_back(*hop);
    }
    return pattern;
}

} // namespace vfio_early
