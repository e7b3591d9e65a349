// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_selectors.hpp"

#include "early/model/policy_values.hpp"
#include "early/model/policy_words.hpp"

#include <utility>

namespace vfio_early {

namespace {

constexpr std::string_view address_hint =
    "write BUS:DEVICE.FUNCTION as lspci does, such as 01:00.0 or 01:00.* (device up to 1f, function up to 7)";
constexpr std::string_view path_hint =
    "the function on the root bus, then device and function of each hop, such as 0000:00:01.1/00.0";

void read_path(const Value& value, Selector& selector, Problems& problems)
{
    selector.path = parse_path_pattern(value.text);
    if (!selector.path)
        problems.error(value.where, quoted(value.text) + " is not a path", std::string(path_hint));
}

void read_ids(const Value& value, std::vector<IdPattern>& ids, Problems& problems)
{
    for (const ListEntry& entry : list_entries(value, problems)) {
        const auto id = parse_id_pattern(entry.text);
        if (!id) {
            problems.error(entry.where, quoted(entry.text) + " is not a vendor and device number",
                           "four hex digits each, as lspci -n writes them: 10de:128b, or 10de:* for the whole vendor");
            continue;
        }
        if (std::ranges::find(ids, *id) != ids.end())
            problems.warning(entry.where, quoted(entry.text) + " stands in the list twice");
        else
            ids.push_back(*id);
    }
}

void read_id(const Value& value, Selector& selector, Problems& problems)
{
    read_ids(value, selector.ids, problems);
}

void read_subsystem(const Value& value, Selector& selector, Problems& problems)
{
    read_ids(value, selector.subsystems, problems);
}

void read_class(const Value& value, Selector& selector, Problems& problems)
{
    for (const ListEntry& entry : list_entries(value, problems)) {
        if (const auto pattern = parse_class_pattern(entry.text)) {
            selector.classes.push_back(*pattern);
            continue;
        }
        static const auto names = [] {
            std::vector<std::string_view> words;
            for (const ClassName& name : class_names())
                words.push_back(name.name);
            return words;
        }();
        problems.error(entry.where, quoted(entry.text) + " is not a class", "two, four or six hex digits, or one of: %",
                       {{names}});
    }
}

void read_modalias(const Value& value, Selector& selector, Problems& problems)
{
    constexpr std::string_view bus = "pci:";
    const std::string_view fixed = value.text.substr(0, value.text.find_first_of("*?["));
    if (!fixed.starts_with(bus.substr(0, fixed.size())) && !fixed.starts_with(bus)) {
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
    if (const auto name = read_module_name(value.text, value.where, problems))
        selector.native = normal_module_name(*name);
}

/// In the order of policy_words::selectors.
constexpr std::array<void (*)(const Value&, Selector&, Problems&), policy_words::selectors.size()> readers{
    read_path, read_id, read_subsystem, read_class, read_modalias, read_serial, read_native,
};

template <std::size_t N>
bool overlap(const ValueSet<N>& a, const ValueSet<N>& b)
{
    return (a & b).any();
}

/// False if no function at the end of the path can have the address.
bool can_both_match(const AddressPattern& address, const PathPattern& path)
{
    if (path.hops.empty()) {
        return (!address.domain || !path.root.domain || *address.domain == *path.root.domain) &&
               overlap(address.buses, path.root.buses) && overlap(address.devices, path.root.devices) &&
               overlap(address.functions, path.root.functions);
    }
    // Bus numbers below the root are nobody's to foresee.
    const PathPattern::Hop& last = path.hops.back();
    return overlap(address.devices, last.devices) && overlap(address.functions, last.functions);
}

bool is_any_address(const AddressPattern& address)
{
    return address.buses.all() && address.devices.all() && address.functions.all();
}

bool is_any_hop(const PathPattern::Hop& hop)
{
    return hop.devices.all() && hop.functions.all();
}

/// True if the glob matches two modaliases that differ in every digit.
bool is_any_modalias(std::string_view glob)
{
    return glob_match(glob, Ids{}.modalias()) &&
           glob_match(glob, Ids{0xffff, 0xffff, 0xffff, 0xffff, 0xffffff}.modalias());
}

} // namespace

bool read_selector(const Value& value, Selector& selector, Problems& problems)
{
    const auto* const key = std::ranges::find(policy_words::selectors, value.key);
    if (key == policy_words::selectors.end())
        return false;
    readers.at(static_cast<std::size_t>(key - policy_words::selectors.begin()))(value, selector, problems);
    return true;
}

bool looks_like_address(std::string_view word)
{
    const bool has_digit = word.find_first_of("0123456789*?[") != std::string_view::npos;
    return word.contains(':') || (has_digit && word.find_first_of("./") != std::string_view::npos);
}

void read_address(const Token& token, Selector& selector, Problems& problems)
{
    if (selector.address) {
        problems.error(token.where, "a second address in one statement", "write a statement for each address");
        return;
    }
    selector.address = parse_address_pattern(token.raw);
    if (selector.address)
        return;
    std::string hint(address_hint);
    if (parse_id_pattern(token.raw))
        hint = "a vendor and device number is written id=" + std::string(token.raw);
    else if (parse_path_pattern(token.raw))
        hint = "a path is written path=" + std::string(token.raw);
    problems.error(token.where, quoted(token.raw) + " is not an address", std::move(hint));
}

void check_selector(const Selector& selector, Span statement, Problems& problems)
{
    if (selector.address && selector.path && !can_both_match(*selector.address, *selector.path)) {
        problems.error(statement, "no function has both this address and this path",
                       "leave one of them out: the path also holds when bus numbers move");
    }
}

bool is_empty(const Selector& selector)
{
    return !selector.has_place() && selector.ids.empty() && selector.subsystems.empty() && selector.classes.empty() &&
           !selector.modalias && !selector.serial && !selector.native;
}

bool names_everything(const Selector& selector)
{
    if (!selector.ids.empty() || !selector.subsystems.empty() || !selector.classes.empty() || selector.serial ||
        selector.native || (selector.modalias && !is_any_modalias(*selector.modalias)))
        return false;
    const auto& path = selector.path;
    return (!selector.address || is_any_address(*selector.address)) &&
           (!path || (is_any_address(path->root) && std::ranges::all_of(path->hops, is_any_hop)));
}

} // namespace vfio_early
