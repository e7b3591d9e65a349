// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/root.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vfio_early {

namespace {

/// openat(2) cannot open ""; the root itself is ".".
const char* relative(const std::string& path)
{
    const char* start = path.c_str();
    while (*start == '/')
        ++start;
    return *start == '\0' ? "." : start;
}

} // namespace

int open_confined(int directory, const char* path, int flags, unsigned mode)
{
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0; attempt < 8; ++attempt) {
        const long number = ::syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (number >= 0)
            return static_cast<int>(number);
        // EAGAIN: a rename elsewhere while ".." was walked; openat2(2) asks to try again.
        if (errno != EAGAIN)
            break;
    }
    return -1;
}

FileDescriptor::~FileDescriptor()
{
    if (number_ >= 0)
        ::close(number_);
}

Result<Root> Root::open(const std::string& directory)
{
    Root root;
    root.prefix_ = directory;
    while (!root.prefix_.empty() && root.prefix_.back() == '/')
        root.prefix_.pop_back();
    root.live_ = root.prefix_.empty();
    const int number = ::open(directory.empty() ? "/" : directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (number < 0)
        return system_error("open", directory, errno);
    root.directory_ = FileDescriptor(number);
    return root;
}

Result<FileDescriptor> Root::open_at(int directory, const std::string& path, int flags, unsigned mode) const
{
    const char* name = relative(path);
    const int number = live_ ? ::openat(directory, name, flags | O_CLOEXEC, mode)
                             : open_confined(directory, name, flags | O_CLOEXEC, mode);
    if (number < 0)
        return system_error("open", prefix_ + "/" + path, errno);
    return FileDescriptor(number);
}

Result<FileDescriptor> Root::open_file(const std::string& path, int flags) const
{
    return open_at(directory_.get(), path, flags, 0);
}

Result<std::string> read_up_to(const FileDescriptor& file, std::size_t limit)
{
    std::string content;
    // Not straight into the string, which would clear as much memory as a read may fill; most files are short.
    char part[4096];
    while (content.size() < limit) {
        const ssize_t got = ::read(file.get(), part, std::min(sizeof part, limit - content.size()));
        if (got < 0) {
            if (errno == EINTR)
                continue;
            return system_error("read", {}, errno);
        }
        if (got == 0)
            break;
        content.append(part, static_cast<std::size_t>(got));
    }
    return content;
}

Result<std::string> Root::read(const std::string& path, std::size_t limit) const
{
    auto file = open_file(path, O_RDONLY);
    if (!file)
        return std::unexpected(std::move(file.error()));
    auto content = read_up_to(*file, limit + 1);
    if (!content)
        return system_error("read", prefix_ + "/" + path, content.error().code);
    if (content->size() > limit)
        return system_error("read", prefix_ + "/" + path, EFBIG);
    return content;
}

Result<std::string> Root::read_line(const std::string& path) const
{
    auto content = read_prefix(path, 4096);
    if (!content)
        return content;
    return std::string(trim(std::string_view(*content).substr(0, content->find('\n'))));
}

Result<std::string> Root::read_prefix(const std::string& path, std::size_t size) const
{
    auto file = open_file(path, O_RDONLY);
    if (!file)
        return std::unexpected(std::move(file.error()));
    std::string content(size, '\0');
    // One read: of `config` the kernel gives what the caller may see, at once.
    const ssize_t got = ::read(file->get(), content.data(), size);
    if (got < 0)
        return system_error("read", prefix_ + "/" + path, errno);
    content.resize(static_cast<std::size_t>(got));
    return content;
}

Result<std::string> Root::read_link(const std::string& path) const
{
    char target[PATH_MAX];
    ssize_t length = -1;
    if (live_) {
        length = ::readlinkat(directory_.get(), relative(path), target, sizeof target);
    } else {
        // The link itself must be reached without leaving the root.
        auto link = open_file(path, O_PATH | O_NOFOLLOW);
        if (!link)
            return std::unexpected(std::move(link.error()));
        length = ::readlinkat(link->get(), "", target, sizeof target);
        if (length < 0 && errno == ENOENT)
            errno = EINVAL; // an O_PATH descriptor of something that is no link
    }
    if (length < 0)
        return system_error("read the link", prefix_ + "/" + path, errno);
    return std::string(target, static_cast<std::size_t>(length));
}

Result<std::vector<std::string>> Root::list(const std::string& path) const
{
    auto names = list_unsorted(path);
    if (names)
        std::sort(names->begin(), names->end());
    return names;
}

Result<std::vector<std::string>> Root::list_unsorted(const std::string& path) const
{
    auto file = open_file(path, O_RDONLY | O_DIRECTORY);
    if (!file)
        return std::unexpected(std::move(file.error()));
    std::vector<std::string> names;
    // Not opendir(3), which takes six calls more and 32 KiB of fresh memory each time.
    alignas(dirent64) char entries[4096];
    for (;;) {
        const ssize_t got = ::getdents64(file->get(), entries, sizeof entries);
        if (got < 0)
            return system_error("list", prefix_ + "/" + path, errno);
        if (got == 0)
            break;
        for (const char* next = entries; next < entries + got;) {
            const auto* entry = reinterpret_cast<const dirent64*>(next);
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..")
                names.emplace_back(name);
            next += entry->d_reclen;
        }
    }
    return names;
}

bool Root::exists(const std::string& path) const
{
    if (live_)
        return ::faccessat(directory_.get(), relative(path), F_OK, 0) == 0;
    return open_file(path, O_PATH).has_value();
}

Result<void> Root::write_attribute(const std::string& path, std::string_view value) const
{
    const auto file = open_file(path, O_WRONLY);
    if (!file)
        return system_error("write", prefix_ + "/" + path, file.error().code);
    return write_once(*file, value, prefix_ + "/" + path);
}

Result<void> write_once(const FileDescriptor& file, std::string_view value, const std::string& name)
{
    const ssize_t written = ::pwrite(file.get(), value.data(), value.size(), 0);
    if (written < 0)
        return system_error("write", name, errno);
    if (static_cast<std::size_t>(written) != value.size())
        return system_error("write", name, EIO, "short write");
    return {};
}

} // namespace vfio_early
