// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/image/staging.hpp"

#include <algorithm>
#include <cerrno>

namespace vfio_early {

namespace {

bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

} // namespace

std::string name_in_image(std::string name)
{
    std::ranges::replace_if(name, is_space, '_');
    return name;
}

Result<Staging> Staging::open(const std::string& directory)
{
    if (std::ranges::any_of(directory, is_space))
        return system_error("use", directory, EINVAL, "white space in the name");
    auto root = Root::open(directory);
    if (!root)
        return std::unexpected(root.error());
    return Staging(std::move(*root));
}

Result<void> Staging::add_text(const PolicyFile& file)
{
    const std::string name = name_in_image(file.name);
    if (auto written = directory_.replace_file(name.substr(1), file.text); !written)
        return written;
    lines_ += "file " + directory_.prefix() + name + " " + name + "\n";
    return {};
}

} // namespace vfio_early
