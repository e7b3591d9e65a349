// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/text.hpp"

#include <string_view>
#include <vector>

namespace vfio_early {

/// The pieces of a line between blanks and tabs.
[[nodiscard]] inline std::vector<std::string_view> blank_words(std::string_view line)
{
    std::vector<std::string_view> words;
    while (!(line = trim(line)).empty()) {
        words.push_back(line.substr(0, line.find_first_of(" \t\r")));
        line.remove_prefix(words.back().size());
    }
    return words;
}

} // namespace vfio_early
