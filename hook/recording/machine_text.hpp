// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/recording/recorded_tree.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace vfio_early {

/// Reads the machine that a `base` line names.
using ReadBase = std::function<Result<std::string>(const std::string& name)>;

/// Reads a machine that somebody has written down, in the form that vfio-earlyctl(8) describes. `name` is for the
/// errors, which say what is wrong in which line. Pure, but for `read_base`.
[[nodiscard]] Result<RecordedTree> parse_machine_text(std::string_view text, const std::string& name,
                                                      const ReadBase& read_base);

} // namespace vfio_early
