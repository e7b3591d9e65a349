// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/network_tree.hpp"

#include "early/machine/scan.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <bit>
#include <set>

namespace vfio_early {

namespace {

const std::string network_folder = "sys/class/net/";

std::vector<std::string> interfaces(const Root& root)
{
    return root.list("sys/class/net").value_or(std::vector<std::string>());
}

bool is_physical(const Root& root, const std::string& interface)
{
    return root.exists(network_folder + interface + "/device");
}

void descend(const Root& root, const std::string& interface, std::set<std::string>& seen,
             std::vector<std::string>& found)
{
    if (!seen.insert(interface).second)
        return;
    if (is_physical(root, interface)) {
        found.push_back(interface);
        return;
    }
    // netdev_adjacent_sysfs_add(), net/core/dev.c: a link for each interface below.
    constexpr std::string_view below = "lower_";
    for (const std::string& entry : root.list(network_folder + interface).value_or(std::vector<std::string>()))
        if (entry.starts_with(below))
            descend(root, entry.substr(below.size()), seen, found);
}

} // namespace

std::vector<Route> parse_routes(std::string_view text)
{
    // Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT (net/ipv4/fib_trie.c)
    std::vector<Route> routes;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = split(line, '\t');
        if (words.size() < 8)
            continue;
        const auto destination = parse_hex(trim(words[1]), 8);
        const auto mask = parse_hex(trim(words[7]), 8);
        const auto metric = parse_decimal(trim(words[6]));
        if (destination && mask && metric) // the heading has words there
            routes.push_back({std::string(trim(words[0])), static_cast<std::uint32_t>(*destination),
                              static_cast<std::uint32_t>(*mask), *metric});
    }
    return routes;
}

std::string interface_towards(const std::vector<Route>& routes, std::optional<std::uint32_t> server)
{
    const Route* best = nullptr;
    for (const Route& route : routes) {
        const bool leads = route.mask == 0 || (server && (*server & route.mask) == route.destination);
        if (!leads)
            continue;
        const int longer = best == nullptr ? 1 : std::popcount(route.mask) - std::popcount(best->mask);
        if (longer > 0 || (longer == 0 && route.metric < best->metric))
            best = &route;
    }
    return best == nullptr ? "" : best->interface;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text)
{
    in_addr address{};
    if (::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1)
        return {};
    return address.s_addr;
}

std::string interface_with_address(const Root& root, std::string_view hardware_address)
{
    for (const std::string& interface : interfaces(root)) {
        // A bridge or bond has the address of a port of its own.
        if (is_physical(root, interface) &&
            root.read_line(network_folder + interface + "/address").value_or("") == hardware_address)
            return interface;
    }
    return {};
}

std::vector<std::string> physical_interfaces(const Root& root, const std::string& interface)
{
    std::set<std::string> seen;
    std::vector<std::string> found;
    descend(root, interface, seen, found);
    return found;
}

std::vector<std::string> usable_interfaces(const Root& root)
{
    std::vector<std::string> all;
    std::vector<std::string> up;
    for (const std::string& interface : interfaces(root)) {
        if (!is_physical(root, interface))
            continue;
        all.push_back(interface);
        const std::string state = root.read_line(network_folder + interface + "/operstate").value_or("");
        if (state == "up" || state == "unknown") // some drivers never tell
            up.push_back(interface);
    }
    return up.empty() ? all : up;
}

std::vector<Address> functions_of_interface(const Root& root, const std::string& interface)
{
    std::vector<Address> functions;
    add_pci_ancestors(root, root.read_link(network_folder + interface).value_or(""), functions);
    return functions;
}

} // namespace vfio_early
