// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// Runs a program of the system, found in its usual directories, with our standard streams, and waits for it. No
/// shell is involved. An exit status other than 0 is an error.
[[nodiscard]] Result<void> run_command(const std::vector<std::string>& command);

} // namespace vfio_early
