// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_keys.hpp"

#include "early/model/policy_words.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <bit>

namespace vfio_early {

namespace {

constexpr std::uint32_t most_vfs = 256;
/// The smallest size a resizable BAR can have (PCI Express Base Specification, Resizable BAR capability).
constexpr std::uint64_t smallest_bar = std::uint64_t{1} << 20U;

void warn_of_twin(const Value& entry, Problems& problems)
{
    problems.warning(entry.where, quoted(entry.text) + " stands in the list twice");
}

void read_path(const Value& value, Selector& selector, Problems& problems)
{
    selector.path = parse_path_pattern(value.text);
    if (!selector.path) {
        problems.error(value.where, quoted(value.text) + " is not a path",
                       "the function on the root bus, then device and function of each hop, such as 0000:00:01.1/00.0");
    }
}

template <std::vector<IdPattern> Selector::* Member>
void read_ids(const Value& value, Selector& selector, Problems& problems)
{
    std::vector<IdPattern>& ids = selector.*Member;
    for (const Value& entry : list_entries(value, problems)) {
        const auto id = parse_id_pattern(entry.text);
        if (!id)
            problems.error(entry.where, quoted(entry.text) + " is not a vendor and device number",
                           "four hex digits each, as lspci -n writes them: 10de:128b, or 10de:* for the whole vendor");
        else if (std::ranges::find(ids, *id) != ids.end())
            warn_of_twin(entry, problems);
        else
            ids.push_back(*id);
    }
}

void read_class(const Value& value, Selector& selector, Problems& problems)
{
    static const auto names = [] {
        std::vector<std::string_view> words;
        for (const ClassName& name : class_names())
            words.push_back(name.name);
        return words;
    }();
    for (const Value& entry : list_entries(value, problems))
        if (const auto pattern = parse_class_pattern(entry.text))
            selector.classes.push_back(*pattern);
        else
            problems.error(entry.where, quoted(entry.text) + " is not a class",
                           "two, four or six hex digits, or one of: %", {{names}});
}

void read_modalias(const Value& value, Selector& selector, Problems& problems)
{
    constexpr std::string_view bus = "pci:";
    const std::string_view fixed = value.text.substr(0, value.text.find_first_of("*?["));
    if (!fixed.starts_with(bus.substr(0, fixed.size()))) {
        problems.error(value.where, "this alias can match no PCI function",
                       "it begins with pci: as in /sys/bus/pci/devices/ADDRESS/modalias");
    }
    selector.modalias = value.text;
}

void read_serial(const Value& value, Selector& selector, Problems& problems)
{
    selector.serial = parse_serial(value.text);
    if (!selector.serial) {
        problems.error(value.where, quoted(value.text) + " is not a Device Serial Number",
                       "as lspci -v writes it: eight pairs of hex digits, 00-11-22-ff-ff-33-44-55");
    }
}

void read_native(const Value& value, Selector& selector, Problems& problems)
{
    selector.native = read_module_name(value, problems);
}

void read_with(const Value& value, BindStatement& statement, Problems& problems)
{
    if (const auto scope = read_word(value, policy_words::scopes, "something to bind with", problems))
        statement.with = static_cast<Scope>(*scope);
}

void read_driver(const Value& value, BindStatement& statement, Problems& problems)
{
    if (!read_module_name(value, problems))
        return;
    statement.driver = value.text;
    // driver_override is compared with the name of the driver, which is not always that of its module.
    for (const std::string_view driver : {"vfio-pci", "pci-stub"})
        if (is_same_name(value.text, driver))
            statement.driver = driver;
}

void read_on_failure(const Value& value, BindStatement& statement, Problems& problems)
{
    constexpr std::string_view what = "what can become of a function that was not bound";
    if (const auto word = read_word(value, policy_words::failures, what, problems))
        statement.on_failure = static_cast<OnFailure>(*word);
}

void read_allow(const Value& value, BindStatement& statement, Problems& problems)
{
    for (const Value& entry : list_entries(value, problems)) {
        if (entry.text == refusal_word(Refusal::bridge)) {
            problems.error(entry.where, "a bridge is never bound",
                           "leave it out: bridges stay with pcieport, and the functions behind them can be bound");
            continue;
        }
        if (!read_word(entry, allowable_guards(), "a guard", problems))
            continue;
        const Refusal guard = *parse_refusal(entry.text);
        if (statement.allow.contains(guard))
            warn_of_twin(entry, problems);
        statement.allow.insert(guard);
    }
}

void read_vfs(const Value& value, BindStatement& statement, Problems& problems)
{
    const auto count = parse_decimal(value.text);
    if (count && *count >= 1 && *count <= most_vfs)
        statement.vfs = *count;
    else
        problems.error(value.where, quoted(value.text) + " is not a number of virtual functions", "1 to 256");
}

void read_reset(const Value& value, BindStatement& statement, Problems& problems)
{
    std::vector<std::string> methods;
    for (const Value& entry : list_entries(value, problems)) {
        static_cast<void>(read_word(entry, policy_words::reset_methods, "a reset method", problems));
        if (std::ranges::find(methods, entry.text) != methods.end())
            warn_of_twin(entry, problems);
        else
            methods.emplace_back(entry.text);
    }
    // reset_method_store() in drivers/pci/pci.c parts the names at blanks.
    statement.settings.push_back({DeviceSetting::Kind::reset, 0, 0, join(methods, " ")});
}

template <DeviceSetting::Kind Kind, const auto& Words>
void read_choice(const Value& value, BindStatement& statement, Problems& problems)
{
    if (read_word(value, Words, "a value of " + std::string(value.key) + '=', problems))
        statement.settings.push_back({Kind, 0, 0, std::string(value.text)});
}

/// "256M" in bytes: a number with K, M, G or T. Nothing for anything else, or above 2^63.
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

void read_rebar(const Value& value, BindStatement& statement, Problems& problems)
{
    const auto bar = static_cast<unsigned>(value.key.back() - '0');
    const auto bytes = parse_size(value.text);
    if (bytes && *bytes >= smallest_bar && std::has_single_bit(*bytes))
        statement.settings.push_back({DeviceSetting::Kind::rebar, bar, *bytes, std::string(value.text)});
    else
        problems.error(value.where, quoted(value.text) + " is not a size a BAR can have",
                       "a power of two of at least 1M, with K, M, G or T, such as 256M");
}

void read_because(const Value& value, ProtectStatement& statement, Problems& /*problems*/)
{
    statement.because = value.text;
}

void read_guard(const Value& value, ProtectStatement& statement, Problems& problems)
{
    if (value.text == refusal_word(Refusal::bridge))
        problems.error(value.where, "bridges need no protection", "leave the statement out: they are never bound");
    else if (read_word(value, allowable_guards(), "a guard", problems))
        statement.guard = *parse_refusal(value.text);
}

template <typename Target, std::size_t Size>
using Readers = std::array<void (*)(const Value&, Target&, Problems&), Size>;

// Each in the order of its words.

constexpr Readers<Selector, policy_words::selectors.size()> selector_readers{
    read_path,   read_ids<&Selector::ids>, read_ids<&Selector::subsystems>, read_class, read_modalias, read_serial,
    read_native,
};
constexpr Readers<BindStatement, policy_words::modifiers.size()> modifier_readers{
    read_with,
    read_driver,
    read_on_failure,
    read_allow,
    read_vfs,
    read_reset,
    read_choice<DeviceSetting::Kind::d3cold, policy_words::switches>,
    read_choice<DeviceSetting::Kind::power, policy_words::power_controls>,
    read_rebar,
    read_rebar,
    read_rebar,
    read_rebar,
    read_rebar,
    read_rebar,
};
constexpr Readers<ProtectStatement, policy_words::protections.size()> protection_readers{read_guard, read_because};

template <typename Target, std::size_t Size>
bool read_key(const std::array<std::string_view, Size>& words, const Readers<Target, Size>& readers, const Value& value,
              Target& target, Problems& problems)
{
    const auto* const word = std::ranges::find(words, value.key);
    if (word == words.end())
        return false;
    readers.at(static_cast<std::size_t>(word - words.begin()))(value, target, problems);
    return true;
}

} // namespace

bool read_selector(const Value& value, Selector& selector, Problems& problems)
{
    return read_key(policy_words::selectors, selector_readers, value, selector, problems);
}

bool read_modifier(const Value& value, BindStatement& statement, Problems& problems)
{
    return read_key(policy_words::modifiers, modifier_readers, value, statement, problems);
}

bool read_protection(const Value& value, ProtectStatement& statement, Problems& problems)
{
    return read_key(policy_words::protections, protection_readers, value, statement, problems);
}

} // namespace vfio_early
