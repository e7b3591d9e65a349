// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "tests/support/recorded_machine.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early::test {

/// One `function` line of a recording.
struct RecordedFunction {
    Ids ids;
    std::map<std::string, std::string, std::less<>> values; ///< all keys but id, class, subsystem

    /// Empty if the key was not given.
    [[nodiscard]] std::string value(std::string_view key) const;
};

/// Throws std::runtime_error for anything wrong.
[[nodiscard]] RecordedFunction parse_recorded_function(const std::string& address, std::string_view keys);

/// Writes /sys as the kernel would show these functions: devices, IOMMU groups, drivers and modules. A driver is a
/// loadable module unless `builtin` names it.
void write_sysfs(const std::map<std::string, RecordedFunction>& functions, const std::vector<std::string>& builtin,
                 const TemporaryTree& tree);

} // namespace vfio_early::test
