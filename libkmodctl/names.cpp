// SPDX-License-Identifier: GPL-2.0-or-later
#include "libkmodctl/modules.hpp"

#include <algorithm>

namespace libkmodctl {

std::string normal_name(std::string_view name)
{
    std::string normal(name);
    std::replace(normal.begin(), normal.end(), '-', '_');
    return normal;
}

std::vector<std::string> config_paths_below(std::string_view root)
{
    std::vector<std::string> paths;
    for (const char* folder : {"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
                               "/lib/modprobe.d"}) {
        paths.push_back(std::string(root) + folder);
    }
    return paths;
}

} // namespace libkmodctl
