// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/printable_lines.hpp"

#include "early/model/printable.hpp"

namespace vfio_early {

std::string printable_lines(std::string_view text)
{
    std::string shown;
    while (!text.empty()) {
        const auto end = text.find_first_of("\n\t");
        shown += printable(text.substr(0, end));
        if (end == std::string_view::npos)
            break;
        shown += text[end];
        text.remove_prefix(end + 1);
    }
    return shown;
}

} // namespace vfio_early
