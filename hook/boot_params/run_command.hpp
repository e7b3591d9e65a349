// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vfio_early {

/// Where a command's standard output goes.
enum class CommandOutput : std::uint8_t {
    ours,
    to_errors, ///< to our standard error: it is about temporary files
};

/// Runs a program of the system, found in its usual directories, with our standard streams, and waits for it. No
/// shell is involved. An exit status other than 0 is an error. ENOENT: there is no such program.
[[nodiscard]] Result<void> run_command(const std::vector<std::string>& command,
                                       CommandOutput output = CommandOutput::ours);

} // namespace vfio_early
