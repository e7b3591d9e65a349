// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace vfio_early::test {

std::string read_text(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << "cannot read " << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> source_files(std::string_view directory, std::string_view suffix)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(VFIO_EARLY_SOURCE_DIR) / directory)) {
        if (entry.path().filename().string().ends_with(suffix))
            files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

void expect_golden(const std::filesystem::path& golden, const std::string& actual)
{
    if (std::getenv("VFIO_EARLY_UPDATE_GOLDENS") != nullptr) {
        std::ofstream file(golden, std::ios::binary);
        file << actual;
        EXPECT_TRUE(file.flush()) << "cannot write " << golden;
        return;
    }
    const std::string expected = std::filesystem::exists(golden) ? read_text(golden) : "(there is no such file)";
    EXPECT_EQ(expected, actual) << golden << " does not hold what the code says now";
}

} // namespace vfio_early::test
