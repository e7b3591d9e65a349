// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/host/outlook.hpp"
#include "hook/host/pci_names.hpp"
#include "hook/ui/console.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vfio_early {

/// What the policy does with a function at the next boot.
struct Verdict {
    bool refused = false;
    std::string text; ///< "will be bound to vfio-pci: 01:00.* (vfio-early.conf:2)"
    nlohmann::ordered_json json;
};

/// One function as `list` shows it.
struct ListedFunction {
    const Function* function = nullptr;
    bool bridge = false;
    std::string class_name;
    std::string name;                 ///< vendor and device; empty if unknown
    std::vector<std::string> modules; ///< native modules, '_' for '-'
    std::vector<Verdict> verdicts;
};

/// A machine with what a policy does to it. Points into the Outlook it was made of.
struct Listing {
    std::vector<ListedFunction> functions;  ///< in order of address
    std::vector<RefusedFunction> unmatched; ///< statements that found no function
    std::size_t planned = 0;
    std::size_t refused = 0;
    bool has_iommu = false;
};

[[nodiscard]] Listing make_listing(const Outlook& outlook, const PciNames& names);

/// By IOMMU group. `all`: bridges too.
void print_groups(const Listing& listing, bool all, Console& console);
/// By the tree of buses; bridges are its branches.
void print_tree(const Listing& listing, Console& console);
/// The schema is described in vfio-earlyctl(8).
[[nodiscard]] nlohmann::ordered_json listing_json(const Listing& listing);

/// The text of a verdict, in its colour where there is one.
[[nodiscard]] std::string painted(const Verdict& verdict, const Console& console);

} // namespace vfio_early
