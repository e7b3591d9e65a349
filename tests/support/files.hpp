// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early::test {

/// The whole file; fails the test that runs if it cannot be read.
[[nodiscard]] std::string read_text(const std::filesystem::path& path);

/// The files of `directory` (below the source tree) that end in `suffix`, in name order.
[[nodiscard]] std::vector<std::filesystem::path> source_files(std::string_view directory, std::string_view suffix);

/// Fails the test that runs, naming `golden`, unless the file holds `actual`. With VFIO_EARLY_UPDATE_GOLDENS=1 in
/// the environment it is written instead: read the difference before committing it.
void expect_golden(const std::filesystem::path& golden, const std::string& actual);

} // namespace vfio_early::test
