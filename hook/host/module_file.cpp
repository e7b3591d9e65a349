// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/module_file.hpp"

#include "early/model/text.hpp"

namespace vfio_early {

std::string module_of_file(std::string_view path)
{
    constexpr std::string_view suffix = ".ko";
    const std::string_view name = base_name(path);
    const auto end = name.rfind(suffix);
    if (end == name.npos)
        return {};
    const std::string_view compression = name.substr(end + suffix.size());
    return compression.empty() || compression.starts_with('.') ? normal_module_name(name.substr(0, end))
                                                               : std::string();
}

} // namespace vfio_early
