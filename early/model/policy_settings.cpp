// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_settings.hpp"

#include "early/model/policy_values.hpp"
#include "early/model/policy_words.hpp"

#include <bit>

namespace vfio_early {

namespace {

/// The smallest size a resizable BAR can have (PCI Express Base Specification, Resizable BAR capability).
constexpr std::uint64_t smallest_bar = std::uint64_t{1} << 20U;

std::optional<DeviceSetting> read_reset(const Value& value, Problems& problems)
{
    std::vector<std::string> methods;
    bool good = true;
    for (const ListEntry& entry : list_entries(value, problems)) {
        if (!read_word(entry.text, entry.where, policy_words::reset_methods, "a reset method", problems))
            good = false;
        if (std::ranges::find(methods, entry.text) != methods.end())
            problems.warning(entry.where, quoted(entry.text) + " stands in the list twice");
        else
            methods.emplace_back(entry.text);
    }
    if (!good)
        return std::nullopt;
    // reset_method_store() in drivers/pci/pci.c parts the names at blanks.
    return DeviceSetting{DeviceSetting::Kind::reset, 0, 0, join(methods, " ")};
}

std::optional<DeviceSetting> read_choice(DeviceSetting::Kind kind, const Value& value,
                                         std::span<const std::string_view> words, Problems& problems)
{
    if (!read_word(value.text, value.where, words, "a value of " + std::string(value.key) + '=', problems))
        return std::nullopt;
    return DeviceSetting{kind, 0, 0, std::string(value.text)};
}

std::optional<DeviceSetting> read_rebar(const Value& value, Problems& problems)
{
    const auto bar = static_cast<unsigned>(value.key.back() - '0');
    const auto bytes = parse_size(value.text);
    if (bytes && *bytes >= smallest_bar && std::has_single_bit(*bytes))
        return DeviceSetting{DeviceSetting::Kind::rebar, bar, *bytes, std::string(value.text)};
    problems.error(value.where, quoted(value.text) + " is not a size a BAR can have",
                   "a power of two of at least 1M, with K, M, G or T, such as 256M");
    return std::nullopt;
}

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text)
{
    constexpr std::string_view units = "KMGT";
    const auto unit = text.empty() ? std::string_view::npos : units.find(text.back());
    if (unit == std::string_view::npos)
        return std::nullopt;
    const auto number = parse_decimal(text.substr(0, text.size() - 1));
    const auto shift = static_cast<unsigned>(unit + 1) * 10;
    if (!number || *number > (std::uint64_t{1} << 63U) >> shift)
        return std::nullopt;
    return std::uint64_t{*number} << shift;
}

std::optional<DeviceSetting> read_device_setting(const Value& value, Problems& problems)
{
    if (value.key == "reset")
        return read_reset(value, problems);
    if (value.key == "d3cold")
        return read_choice(DeviceSetting::Kind::d3cold, value, policy_words::switches, problems);
    if (value.key == "power")
        return read_choice(DeviceSetting::Kind::power, value, policy_words::power_controls, problems);
    return read_rebar(value, problems);
}

} // namespace vfio_early
