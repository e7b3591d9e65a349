// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/boot_command_line.hpp"

namespace vfio_early {

Result<std::string> boot_command_line(const Root& root)
{
    constexpr const char* folder = "etc/cmdline.d";
    const auto own = root.read("proc/cmdline");
    if (!own)
        return own;
    std::string line;
    for (const std::string& name : root.list(folder).value_or(std::vector<std::string>()))
        line += root.read(std::string(folder) + "/" + name).value_or("") + "\n";
    return line + *own;
}

} // namespace vfio_early
