// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace vfio_early::boot_test {

/// How a program ended and what it wrote to both its output streams.
struct Finished {
    int code = 0; ///< exit status; 128 + N after signal N; 127 when it could not be started
    std::string output;
};

/// Runs a program, found through PATH, to its end.
Finished run_program(const std::vector<std::string>& words);

} // namespace vfio_early::boot_test
