// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of Root that make and remove files.
#include "early/system/root.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vfio_early {

namespace {

struct SplitPath {
    std::string directory;
    std::string name;
};

SplitPath split_path(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos)
        return {"", path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

int write_and_sync(int file, std::string_view content)
{
    if (const int code = write_whole(file, content); code != 0)
        return code;
    return ::fsync(file) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
}

} // namespace

int write_whole(int file, std::string_view content)
{
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0)
            content.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

Result<FileDescriptor> Root::open_directory(const std::string& path, bool make) const
{
    auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
    if (directory || !make || directory.error().code != ENOENT || path.empty())
        return directory;
    const SplitPath parts = split_path(path);
    const auto parent = open_directory(parts.directory, true);
    if (!parent)
        return std::unexpected(parent.error());
    if (::mkdirat(parent->get(), parts.name.c_str(), 0755) != 0 && errno != EEXIST)
        return system_error("make", prefix_ + "/" + path, errno);
    return open_file(path, O_RDONLY | O_DIRECTORY);
}

Result<void> Root::replace_file(const std::string& path, std::string_view content, unsigned mode) const
{
    const SplitPath parts = split_path(path);
    const auto directory = open_directory(parts.directory, true);
    if (!directory)
        return std::unexpected(directory.error());
    // One name a process, so that two programs at once do not write into each other's file.
    const std::string temporary = "." + parts.name + "." + std::to_string(::getpid());
    ::unlinkat(directory->get(), temporary.c_str(), 0);
    const FileDescriptor file(
        ::openat(directory->get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file)
        return system_error("create", prefix_ + "/" + path, errno);
    int code = write_and_sync(file.get(), content);
    if (code == 0 && ::renameat(directory->get(), temporary.c_str(), directory->get(), parts.name.c_str()) != 0)
        code = errno;
    if (code == 0)
        return {};
    ::unlinkat(directory->get(), temporary.c_str(), 0);
    return system_error("write", prefix_ + "/" + path, code);
}

Result<void> Root::append_file(const std::string& path, std::string_view content, unsigned mode) const
{
    const SplitPath parts = split_path(path);
    const auto directory = open_directory(parts.directory, true);
    if (!directory)
        return std::unexpected(directory.error());
    const FileDescriptor file(
        ::openat(directory->get(), parts.name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file)
        return system_error("open", prefix_ + "/" + path, errno);
    return write_once(file, content, prefix_ + "/" + path);
}

Result<void> Root::remove_file(const std::string& path) const
{
    const SplitPath parts = split_path(path);
    const auto directory = open_directory(parts.directory, false);
    if (!directory)
        return std::unexpected(directory.error());
    if (::unlinkat(directory->get(), parts.name.c_str(), 0) != 0)
        return system_error("remove", prefix_ + "/" + path, errno);
    return {};
}

} // namespace vfio_early
