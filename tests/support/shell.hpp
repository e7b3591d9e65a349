// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace vfio_early::test {

struct ShellRun {
    int code = 0;
    std::string out; ///< both streams
};

/// Runs a command line with /bin/sh.
[[nodiscard]] ShellRun shell(const std::string& command);

} // namespace vfio_early::test
