// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/temporary_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace fs = std::filesystem;

namespace vfio_early {

namespace {

/// In memory where the system has such a place and nobody asked for another: what is unpacked is hundreds of small
/// files.
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

Result<std::shared_ptr<TemporaryDirectory>> make_temporary_directory()
{
    std::error_code error;
    std::string name = (temporary_place(error) / "vfio-earlyctl-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr)
        return system_error("make", name, error ? error.value() : errno);
    return std::make_shared<TemporaryDirectory>(name);
}

} // namespace vfio_early
