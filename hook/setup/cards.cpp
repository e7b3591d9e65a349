// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/setup/cards.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace vfio_early {

namespace {

bool is_given_away(const Function& function)
{
    constexpr std::array<std::uint8_t, 5> kinds{0x01, 0x02, 0x03, 0x04, 0x12}; // storage ... accelerators
    constexpr std::uint32_t usb = 0x0c03;
    return std::ranges::find(kinds, function.ids.base_class()) != kinds.end() || function.ids.class_code >> 8U == usb;
}

/// Its display, or else its first function.
const Function& main_function(const Card& card)
{
    const auto found = std::ranges::find_if(card, [](const Function* function) { return is_display(function->ids); });
    return found == card.end() ? *card.front() : **found;
}

std::string driver_of(const Function& function)
{
    return function.driver.empty() ? "no driver" : function.driver;
}

} // namespace

std::vector<Card> offered_cards(const Machine& machine)
{
    std::vector<Card> cards;
    std::set<Address> seen;
    for (const Function& function : machine.functions) {
        const bool on_board = function.path.hops.empty() && !is_display(function.ids);
        if (is_bridge(function.ids, function.header_type) || function.virtual_function || on_board ||
            is_behind_vmd(function) || seen.contains(function.address))
            continue;
        Card card = companions(machine, function);
        for (const Function* one : card)
            seen.insert(one->address);
        if (std::ranges::any_of(card, [](const Function* one) { return is_given_away(*one); }))
            cards.push_back(std::move(card));
    }
    std::ranges::stable_partition(cards, [](const Card& card) { return is_display(main_function(card).ids); });
    return cards;
}

std::string card_name(const Card& card, const PciNames& names)
{
    const Ids& ids = main_function(card).ids;
    const std::string name = names.full(ids);
    return name.empty() ? names.class_name(ids) + " " + ids.id_text() : name;
}

std::string card_place(const Card& card)
{
    std::vector<std::string> addresses;
    std::vector<std::string> drivers;
    bool boot_display = false;
    for (const Function* function : card) {
        addresses.push_back(function->address.text());
        const std::string driver = driver_of(*function);
        if (std::ranges::find(drivers, driver) == drivers.end())
            drivers.push_back(driver);
        boot_display = boot_display || function->boot_vga;
    }
    return join(addresses, ", ") + " (" + join(drivers, ", ") + ")" + (boot_display ? ": the boot display" : "");
}

std::vector<std::string> function_lines(const Functions& functions, const PciNames& names)
{
    std::vector<std::string> lines;
    for (const Function* function : functions)
        lines.push_back(comment_of(*function, names).substr(2) + " (" + driver_of(*function) + ")");
    return lines;
}

Functions displays_of_host(const Machine& machine, const std::set<Address>& given)
{
    Functions displays;
    for (const Function& function : machine.functions)
        if (is_display(function.ids) && !function.virtual_function && !given.contains(function.address))
            displays.push_back(&function);
    return displays;
}

} // namespace vfio_early
