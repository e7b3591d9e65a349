// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/status/vfio_open.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Why BARs cannot be mapped, who has their memory, and what helps against a framebuffer of the firmware. `resource` is
/// the attribute of the function, `iomem` is /proc/iomem. Pure.
[[nodiscard]] std::string blocked_bars_text(const std::vector<BlockedBar>& blocked, std::string_view resource,
                                            std::string_view iomem);

} // namespace vfio_early
