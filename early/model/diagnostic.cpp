// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/diagnostic.hpp"

#include "early/model/text.hpp"

namespace vfio_early {

std::string Location::short_text() const
{
    std::string text(base_name(file));
    if (line != 0)
        text += ':' + std::to_string(line);
    return text;
}

std::string Location::full_text() const
{
    std::string text = file;
    if (line != 0)
        text += ':' + std::to_string(line);
    if (line != 0 && column != 0)
        text += ':' + std::to_string(column);
    return text;
}

} // namespace vfio_early
