// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/system/root.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// One line of /proc/net/route. Addresses are as the kernel prints them: the number that inet_pton(3) gives.
struct Route {
    std::string interface;
    std::uint32_t destination = 0;
    std::uint32_t mask = 0; ///< 0: the default route
    std::uint32_t metric = 0;
};

[[nodiscard]] std::vector<Route> parse_routes(std::string_view text);

/// The interface that leads to `server`, or the default one; empty if there is no route.
[[nodiscard]] std::string interface_towards(const std::vector<Route>& routes, std::optional<std::uint32_t> server);

/// "192.0.2.1" as a number, as inet_pton(3) gives it; nothing for names and IPv6.
[[nodiscard]] std::optional<std::uint32_t> parse_ipv4(std::string_view text);

/// The interface with this hardware address ("aa:bb:cc:dd:ee:ff"); empty if there is none.
[[nodiscard]] std::string interface_with_address(const Root& root, std::string_view hardware_address);

/// The interfaces with a device of their own that carry an interface: through bridges, bonds and VLANs.
[[nodiscard]] std::vector<std::string> physical_interfaces(const Root& root, const std::string& interface);
/// All such interfaces that are not down; all of them if none is up yet.
[[nodiscard]] std::vector<std::string> usable_interfaces(const Root& root);

/// The PCI functions that the interface hangs from.
[[nodiscard]] std::vector<Address> functions_of_interface(const Root& root, const std::string& interface);

} // namespace vfio_early
