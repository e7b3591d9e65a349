// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/listing.hpp"

#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/listing/plan_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <ostream>

namespace vfio_early {

namespace {

// Continuation lines stand below the identifier.
constexpr std::string_view indent = "                ";

void print_function(const ListedFunction& listed, Console& console)
{
    const Function& function = *listed.function;
    const std::string& name = listed.name.empty() ? std::string("(not in pci.ids)") : listed.name;
    console.out << fmt::format("  {}  {}  {}: {}\n", paint(console.colour_out, Style::bold, function.address.text()),
                               function.ids.id_text(), listed.class_name, printable(name));
    if (!function.driver.empty() || !listed.modules.empty()) {
        console.out << fmt::format("{}driver {}{}\n", indent, function.driver.empty() ? "none" : function.driver,
                                   listed.modules.empty() ? std::string()
                                                          : "; native modules " + join(listed.modules, ", "));
    }
    for (const Verdict& verdict : listed.verdicts)
        console.out << indent << painted(verdict, console) << '\n';
}

void print_summary(const Listing& listing, Console& console)
{
    if (!listing.has_iommu) {
        console.out
            << paint(console.colour_out, Style::yellow,
                     "This machine has no IOMMU groups: the IOMMU is off in the firmware or in the kernel, and no "
                     "function can be given to a virtual machine.")
            << '\n';
    }
    for (const RefusedFunction& refused : listing.unmatched) {
        const std::string text = printable(refusal_text(refused) + " (" + refused.where.short_text() + ")");
        console.out << paint(console.colour_out, Style::yellow, text) << '\n';
    }
    console.out << fmt::format("At the next boot: {} bound by the policy, {} refused.\n",
                               count_text(listing.planned, "function"), listing.refused);
}

} // namespace

void print_groups(const Listing& listing, bool all, Console& console)
{
    constexpr unsigned no_group = std::numeric_limits<unsigned>::max(); // stands last
    std::map<unsigned, std::vector<const ListedFunction*>> groups;
    for (const ListedFunction& listed : listing.functions)
        groups[listed.function->group.value_or(no_group)].push_back(&listed);
    for (const auto& [number, members] : groups) {
        const auto bridges = static_cast<std::size_t>(
            std::ranges::count_if(members, [](const ListedFunction* member) { return member->bridge; }));
        if (!all && bridges == members.size())
            continue;
        std::string title = number == no_group ? "No IOMMU group" : fmt::format("IOMMU group {}", number);
        if (!all && bridges != 0)
            title += fmt::format(" (and {})", count_text(bridges, "bridge"));
        console.out << title << '\n';
        for (const ListedFunction* member : members)
            if (all || !member->bridge || !member->verdicts.empty())
                print_function(*member, console);
        console.out << '\n';
    }
    print_summary(listing, console);
}

} // namespace vfio_early
