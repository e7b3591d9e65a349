// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/pin.hpp"

#include "early/model/selection.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early {

namespace {

/// The functions of a slot that a virtual machine can have at all.
Functions endpoints(const Machine& machine, const Address& address)
{
    Functions functions;
    for (const Function& function : machine.slot(address))
        if (!is_bridge(function.ids, function.header_type))
            functions.push_back(&function);
    return functions;
}

/// A display, and beside it only what graphics cards have: sound, USB and its controller. Processors with graphics have
/// more functions in such a slot.
bool is_graphics_card(const Functions& slot)
{
    constexpr std::uint32_t sound = 0x0403;
    constexpr std::uint32_t usb = 0x0c03;
    constexpr std::uint32_t usb_type_c = 0x0c80;
    const auto brings_along = [](const Function* function) {
        const std::uint32_t kind = function->ids.class_code >> 8U;
        return !function->virtual_function && (kind == sound || kind == usb || kind == usb_type_c);
    };
    return !slot.empty() && is_display(slot.front()->ids) &&
           std::all_of(std::next(slot.begin()), slot.end(), brings_along);
}

void add_once(std::vector<IdPattern>& patterns, std::uint16_t vendor, std::uint16_t device)
{
    const IdPattern pattern{.vendor = vendor, .device = device};
    if (std::ranges::find(patterns, pattern) == patterns.end())
        patterns.push_back(pattern);
}

/// "*" where they are all that the slot has, else "3" or "[03]".
std::string function_glob(std::span<const Function* const> functions, std::size_t in_slot)
{
    if (functions.size() == in_slot)
        return "*";
    std::string digits;
    for (const Function* function : functions)
        digits += static_cast<char>('0' + function->address.function);
    return digits.size() == 1 ? digits : "[" + digits + "]";
}

} // namespace

Functions companions(const Machine& machine, const Function& function)
{
    Functions together = endpoints(machine, function.address);
    const bool one_card = is_graphics_card(together) && !function.path.hops.empty();
    std::erase_if(together, [&](const Function* other) {
        return other->address != function.address && !one_card && !are_companions(function, *other, Scope::companions);
    });
    return together;
}

Functions functions_at(const Machine& machine, const std::set<Address>& addresses)
{
    Functions functions;
    for (const Address& address : addresses)
        functions.push_back(machine.find(address));
    return functions;
}

std::string address_list(const std::set<Address>& addresses)
{
    std::vector<std::string> texts;
    for (const Address& address : addresses)
        texts.push_back(address.text());
    return join(texts, ", ");
}

bool is_behind_vmd(const Function& function)
{
    return function.address.domain > 0xffff;
}

std::string behind_vmd_text(const Function& function, const Machine& machine)
{
    const auto vmd = std::ranges::find(machine.functions, "vmd", &Function::driver);
    return fmt::format("{} is behind the VMD controller{}, which does all of its DMA: no virtual machine can have it "
                       "alone. Without VMD "
                       "(firmware setup, often \"RST\") it is a function of its own",
                       function.address.text(), vmd == machine.functions.end() ? "" : " " + vmd->address.text());
}

std::string group_text(const Machine& machine, unsigned group, const PciNames& names)
{
    std::vector<std::string> members;
    bool all_of_board = true;
    for (const Function& function : machine.functions) {
        if (function.group != group || is_bridge(function.ids, function.header_type))
            continue;
        members.push_back(function.address.text() + " " + names.class_name(function.ids));
        all_of_board = all_of_board && function.path.hops.empty();
    }
    return fmt::format("IOMMU group {} goes to one virtual machine as a whole, or stays with the host: {}{}", group,
                       join(members, ", "),
                       all_of_board ? ". They are parts of the board, and no other slot helps" : "");
}

BindStatement pinned_statement(const Machine& machine, std::span<const Function* const> functions)
{
    const Function& first = *functions.front();
    const std::size_t in_slot = endpoints(machine, first.address).size();
    const std::string glob = function_glob(functions, in_slot);
    // All but the last digit, the function, is the same for the whole slot.
    std::string path = first.path.text();
    path.replace(path.rfind('.') + 1, std::string::npos, glob);

    BindStatement statement;
    statement.selector.path = parse_path_pattern(path);
    for (const Function* function : functions) {
        add_once(statement.selector.ids, function->ids.vendor, function->ids.device);
        add_once(statement.selector.subsystems, function->ids.subvendor, function->ids.subdevice);
    }
    // Without a subsystem the registers read 0: a promise that says nothing.
    if (std::ranges::all_of(statement.selector.subsystems,
                            [](const IdPattern& subsystem) { return subsystem.vendor == 0 && subsystem.device == 0; }))
        statement.selector.subsystems.clear();
    // Where the caller leaves out one that would come along, that has to be written.
    if (companions(machine, first).size() > functions.size())
        statement.with = Scope::function;
    return statement;
}

std::string comment_of(const Function& function, const PciNames& names)
{
    const std::string name = names.full(function.ids);
    return fmt::format("# {} {}{}{}", function.address.text(), names.class_name(function.ids), name.empty() ? "" : ": ",
                       name);
}

std::optional<Address> commented_address(std::string_view line)
{
    line = trim(line);
    if (!line.starts_with("# "))
        return {};
    line.remove_prefix(2);
    return parse_address(line.substr(0, line.find(' ')));
}

std::string location_text(const Location& where)
{
    return where.file + ":" + std::to_string(where.line);
}

std::vector<std::string> pinned_lines(const BindStatement& statement, std::span<const Function* const> functions,
                                      const PciNames& names)
{
    std::vector<std::string> lines;
    for (const Function* function : functions)
        lines.push_back(comment_of(*function, names));
    lines.push_back(to_text(statement));
    return lines;
}

} // namespace vfio_early
