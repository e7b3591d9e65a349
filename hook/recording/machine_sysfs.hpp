// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "hook/recording/recorded_tree.hpp"

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// One `function` line of a machine as text.
struct DescribedFunction {
    Ids ids;
    std::map<std::string, std::string, std::less<>> values; ///< all keys but id, class, subsystem

    /// Empty if the key was not given.
    [[nodiscard]] std::string value(std::string_view key) const;
};

/// By address as the kernel writes it.
using DescribedFunctions = std::map<std::string, DescribedFunction>;

/// Reads "id=10de:128b class=030000 group=1". On the left: what is wrong.
[[nodiscard]] std::expected<DescribedFunction, std::string> parse_described_function(const std::string& address,
                                                                                     std::string_view keys);

/// Adds /sys as the kernel would show these functions: devices, IOMMU groups, drivers and modules. A driver is a
/// loadable module unless `builtin` names it. On the left: what is wrong.
[[nodiscard]] std::expected<void, std::string> add_sysfs(const DescribedFunctions& functions,
                                                         const std::vector<std::string>& builtin, RecordedTree& tree);

} // namespace vfio_early
