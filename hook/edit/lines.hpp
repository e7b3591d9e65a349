// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/text.hpp"

#include <string_view>
#include <vector>

namespace vfio_early {

/// The lines of `text` without their ends, as views into it; a text that ends in a newline has no empty last line.
[[nodiscard]] inline std::vector<std::string_view> lines_of(std::string_view text)
{
    if (text.empty())
        return {};
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    return split(text, '\n');
}

} // namespace vfio_early
