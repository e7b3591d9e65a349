// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorded_tree.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace vfio_early {

Result<std::shared_ptr<TemporaryDirectory>> unpack(const RecordedTree& tree)
{
    auto directory = make_temporary_directory();
    if (!directory)
        return directory;
    std::error_code error;
    for (const auto* entries : {&tree.files, &tree.links})
        for (const auto& [path, content] : *entries) {
            const fs::path whole = fs::path((*directory)->path) / path;
            fs::create_directories(whole.parent_path(), error);
            if (!error && entries == &tree.links)
                fs::create_symlink(content, whole, error);
            else if (!error && !(std::ofstream(whole, std::ios::binary) << content).flush())
                error.assign(EIO, std::generic_category());
            if (error)
                return system_error("write", whole.string(), error.value());
        }
    return directory;
}

} // namespace vfio_early
