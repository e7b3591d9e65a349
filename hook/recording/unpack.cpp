// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorded_tree.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace vfio_early {

TemporaryDirectory::~TemporaryDirectory()
{
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

Result<std::shared_ptr<TemporaryDirectory>> unpack(const RecordedTree& tree)
{
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "vfio-earlyctl-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr)
        return system_error("make", name, error ? error.value() : errno);
    auto directory = std::make_shared<TemporaryDirectory>(name);
    for (const auto& [path, content] : tree.files) {
        const fs::path whole = fs::path(name) / path;
        fs::create_directories(whole.parent_path(), error);
        std::ofstream file(whole, std::ios::binary);
        file << content;
        if (error || !file.flush())
            return system_error("write", whole.string(), error ? error.value() : EIO);
    }
    for (const auto& [path, target] : tree.links) {
        const fs::path whole = fs::path(name) / path;
        fs::create_directories(whole.parent_path(), error);
        if (!error)
            fs::create_symlink(target, whole, error);
        if (error)
            return system_error("make", whole.string(), error.value());
    }
    return directory;
}

} // namespace vfio_early
