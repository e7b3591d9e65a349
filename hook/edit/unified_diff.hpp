// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vfio_early {

/// What changes from `before` to `after`, as diff -u shows it, with three lines around each change. Empty if nothing
/// does.
[[nodiscard]] std::string unified_diff(std::string_view name, std::string_view before, std::string_view after);

} // namespace vfio_early
