// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/support/recorded_machine.hpp"

#include <string>
#include <vector>

namespace vfio_early::test {

/// One run of vfio-earlyctl inside the test program.
struct ProgramRun {
    int code = 0;
    std::string out;
    std::string err;
};

/// `arguments` without the program's name. No colour, UTF-8.
[[nodiscard]] ProgramRun run_ctl(const std::vector<std::string>& arguments);

/// A run as a golden file shows it: exit code, both streams, `tree`'s path written as ROOT.
[[nodiscard]] std::string transcript(const ProgramRun& run, const TemporaryTree& tree);

/// Fails the test unless tests/unit/hook/golden/NAME holds `text`. With VFIO_EARLY_UPDATE_GOLDENS=1 in the
/// environment the file is written instead; a person then reads the difference.
void expect_golden(const std::string& name, const std::string& text);

} // namespace vfio_early::test
