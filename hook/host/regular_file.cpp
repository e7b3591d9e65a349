// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/regular_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace vfio_early {

namespace {

constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

Result<std::string> read_opened(const FileDescriptor& file, const std::string& name, std::size_t limit)
{
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return system_error("read", name, errno);
    if (!S_ISREG(status.st_mode))
        return system_error("read", name, S_ISDIR(status.st_mode) ? EISDIR : EINVAL, "not a regular file");
    auto text = read_up_to(file, limit + 1);
    if (!text || text->size() > limit)
        return system_error("read", name, text ? EFBIG : text.error().code);
    return text;
}

} // namespace

Result<std::string> read_regular_file(const std::string& path, std::size_t limit)
{
    const FileDescriptor file(::open(path.c_str(), open_flags));
    if (!file)
        return system_error("read", path, errno);
    return read_opened(file, path, limit);
}

Result<std::string> read_regular_file(const Root& root, const std::string& path, std::size_t limit)
{
    const auto file = root.open_file(path, open_flags);
    if (!file)
        return system_error("read", "/" + path, file.error().code);
    return read_opened(*file, "/" + path, limit);
}

std::vector<std::string> names_in(const Root& root, const std::string& directory)
{
    return root.list(directory).value_or(std::vector<std::string>());
}

} // namespace vfio_early
