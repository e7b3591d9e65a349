// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/write_for_reader.hpp"

#include "early/system/root.hpp"

#include <filesystem>

namespace vfio_early {

Result<void> write_for_reader(const std::string& file, const std::string& text)
{
    const std::filesystem::path path(file);
    const auto directory = Root::open(path.has_parent_path() ? path.parent_path().string() : ".");
    if (!directory)
        return std::unexpected(directory.error());
    return directory->replace_file(path.filename().string(), text);
}

} // namespace vfio_early
