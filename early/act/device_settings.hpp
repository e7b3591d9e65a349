// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"
#include "early/system/root.hpp"

#include <cstdint>
#include <string>

namespace vfio_early {

/// Writes one setting into the attributes of `device` ("sys/bus/pci/devices/0000:01:00.0"). EOPNOTSUPP: the
/// kernel has no such attribute for it, or the BAR cannot have the size.
[[nodiscard]] Result<void> apply_setting(const Root& root, const std::string& device, const DeviceSetting& setting);

/// The bit that stands for a BAR of `bytes` in resourceN_resize: bit 0 is 1 MiB, bit 1 is 2 MiB
/// (Documentation/ABI/testing/sysfs-bus-pci). -1 if no BAR can be so small, or it is no power of two.
[[nodiscard]] int rebar_bit(std::uint64_t bytes);

} // namespace vfio_early
