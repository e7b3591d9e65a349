// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vfio_early {

/// printable() for a text of several lines: line ends and tabs stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

} // namespace vfio_early
