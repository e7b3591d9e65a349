// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/support/recorded_machine.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
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

/// Passes if `text` contains `words`, and shows it where it does not.
[[nodiscard]] testing::AssertionResult has_words(const std::string& text, const std::string& words);

/// A system in a tree of its own, and vfio-earlyctl run on that.
class SystemTest : public testing::Test {
protected:
    [[nodiscard]] ProgramRun run(std::vector<std::string> arguments) const;
    /// What it prints with --json.
    [[nodiscard]] nlohmann::json run_json(std::vector<std::string> arguments) const;
    /// The first finding of doctor of that kind; null if there is none.
    [[nodiscard]] nlohmann::json finding(const std::string& id) const;

    TemporaryTree tree;
};

} // namespace vfio_early::test
