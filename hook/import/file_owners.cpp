// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/file_owners.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"

namespace vfio_early {

namespace {

constexpr std::string_view package_field = "Package: ";

} // namespace

std::string FileOwners::package_of(const std::string& path)
{
    constexpr std::size_t largest = 64U << 20U;
    if (!status_)
        status_ = read_regular_file(root_, status_file, largest).value_or("");
    const std::string_view status = *status_;
    const auto at = status.find("\n " + path + " "); // " PATH MD5"
    const auto start = at == status.npos ? status.npos : status.rfind(package_field, at);
    if (start == status.npos)
        return {};
    const std::string_view rest = status.substr(start + package_field.size());
    return std::string(trim(rest.substr(0, rest.find('\n'))));
}

std::string owners_of_directory(std::string_view status, std::string_view directory)
{
    std::string kept;
    std::string_view package;
    for (const std::string_view line : split(status, '\n'))
        if (line.starts_with(package_field))
            package = line;
        else if (line.starts_with(' ') && line.substr(1).starts_with(directory))
            kept += std::string(package) + "\n" + std::string(line) + "\n";
    return kept;
}

} // namespace vfio_early
