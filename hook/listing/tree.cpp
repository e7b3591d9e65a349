// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/listing.hpp"

#include "early/model/printable.hpp"

#include <fmt/format.h>
#include <map>
#include <ostream>

namespace vfio_early {

namespace {

struct Branch {
    const ListedFunction* listed = nullptr;
    std::vector<const Branch*> below;
};

/// What the lines are drawn with.
struct Strokes {
    std::string_view fork, last, pass, space;
};
constexpr Strokes box{.fork = "├─ ", .last = "└─ ", .pass = "│  ", .space = "   "};
constexpr Strokes ascii{.fork = "|- ", .last = "`- ", .pass = "|  ", .space = "   "};

std::string line_text(const ListedFunction& listed, const Console& console)
{
    const Function& function = *listed.function;
    std::string text =
        fmt::format("{}  {}  {}", paint(console.colour_out, Style::bold, function.address.text()),
                    function.ids.id_text(), printable(listed.name.empty() ? listed.class_name : listed.name));
    if (function.group)
        text += fmt::format("  [group {}]", *function.group);
    if (!function.driver.empty())
        text += "  " + function.driver;
    for (const Verdict& verdict : listed.verdicts)
        text += "  " + painted(verdict, console);
    return text;
}

void print_below(const std::vector<const Branch*>& branches, const std::string& margin, Console& console)
{
    const Strokes& strokes = console.utf8 ? box : ascii;
    for (const Branch* branch : branches) {
        const bool last = branch == branches.back();
        console.out << margin << (last ? strokes.last : strokes.fork) << line_text(*branch->listed, console) << '\n';
        print_below(branch->below, margin + std::string(last ? strokes.space : strokes.pass), console);
    }
}

} // namespace

void print_tree(const Listing& listing, Console& console)
{
    std::map<Path, Branch> branches;
    for (const ListedFunction& listed : listing.functions)
        branches[listed.function->path].listed = &listed;
    std::map<std::pair<std::uint32_t, std::uint8_t>, std::vector<const Branch*>> root_buses;
    for (const auto& [path, branch] : branches) {
        Path parent = path;
        if (!parent.hops.empty())
            parent.hops.pop_back();
        const auto above = path.hops.empty() ? branches.end() : branches.find(parent);
        if (above != branches.end())
            above->second.below.push_back(&branch);
        else
            root_buses[{path.root.domain, path.root.bus}].push_back(&branch);
    }
    for (const auto& [bus, children] : root_buses) {
        console.out << fmt::format("{:04x}:{:02x}\n", bus.first, bus.second);
        print_below(children, "", console);
    }
}

} // namespace vfio_early
