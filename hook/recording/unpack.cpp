// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorded_tree.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace fs = std::filesystem;

namespace vfio_early {

namespace {

/// In memory where the system has such a place and nobody asked for another: a recording is hundreds of small files.
fs::path temporary_place(std::error_code& error)
{
    constexpr const char* memory = "/dev/shm";
    if (std::getenv("TMPDIR") == nullptr && ::access(memory, W_OK | X_OK) == 0)
        return memory;
    return fs::temp_directory_path(error);
}

} // namespace

TemporaryDirectory::~TemporaryDirectory()
{
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

Result<std::shared_ptr<TemporaryDirectory>> unpack(const RecordedTree& tree)
{
    std::error_code error;
    std::string name = (temporary_place(error) / "vfio-earlyctl-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr)
        return system_error("make", name, error ? error.value() : errno);
    auto directory = std::make_shared<TemporaryDirectory>(name);
    for (const auto* entries : {&tree.files, &tree.links})
        for (const auto& [path, content] : *entries) {
            const fs::path whole = fs::path(name) / path;
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
