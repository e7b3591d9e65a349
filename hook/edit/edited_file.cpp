// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/edited_file.hpp"

#include "early/model/text.hpp"

#include <cerrno>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace vfio_early {

namespace {

constexpr std::size_t largest_file = 1U << 20U;

/// The file that a chain of symbolic links ends at, so that a rename replaces it and not the link.
std::string follow_links(const Root& root, std::string path)
{
    constexpr int most_links = 40; // MAXSYMLINKS of the kernel
    for (int count = 0; count < most_links; ++count) {
        const auto target = root.read_link(path);
        if (!target)
            break;
        if (target->starts_with('/'))
            path = target->substr(1);
        else
            path.replace(path.rfind('/') + 1, std::string::npos, *target);
    }
    return path;
}

/// The directory, made if it is missing.
Result<FileDescriptor> open_directory(const Root& root, const std::string& path)
{
    auto directory = root.open_file(path, O_RDONLY | O_DIRECTORY);
    if (directory || directory.error().code != ENOENT || path.empty())
        return directory;
    const auto slash = path.rfind('/');
    const auto parent = open_directory(root, slash == path.npos ? "" : path.substr(0, slash));
    if (!parent)
        return std::unexpected(parent.error());
    if (::mkdirat(parent->get(), path.substr(slash + 1).c_str(), 0755) != 0 && errno != EEXIST)
        return system_error("make", root.prefix() + "/" + path, errno);
    return root.open_file(path, O_RDONLY | O_DIRECTORY);
}

bool is_same_file(int directory, const std::string& name, const FileDescriptor& file)
{
    struct stat there{};
    struct stat ours{};
    return ::fstatat(directory, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(file.get(), &ours) == 0 &&
           there.st_ino == ours.st_ino && there.st_dev == ours.st_dev;
}

bool is_of_today(std::time_t time)
{
    const std::time_t now = std::time(nullptr);
    std::tm then{};
    std::tm today{};
    return ::localtime_r(&time, &then) != nullptr && ::localtime_r(&now, &today) != nullptr &&
           then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
}

} // namespace

EditedFile::EditedFile(EditedFile&& other) noexcept = default;

EditedFile::~EditedFile()
{
    const std::string name = "." + name_ + ".new";
    if (new_file_ && is_same_file(directory_.get(), name, new_file_))
        ::unlinkat(directory_.get(), name.c_str(), 0);
}

Result<EditedFile> EditedFile::open(const Root& root, const std::string& path)
{
    EditedFile file;
    const std::string target = follow_links(root, path);
    const auto slash = target.rfind('/');
    file.name_ = target.substr(slash + 1);
    file.shown_ = "/" + target;
    auto directory = open_directory(root, slash == target.npos ? "" : target.substr(0, slash));
    if (!directory)
        return std::unexpected(directory.error());
    file.directory_ = std::move(*directory);
    if (auto locked = file.lock(root); !locked)
        return std::unexpected(locked.error());
    if (auto read = file.read_old(root); !read)
        return std::unexpected(read.error());
    return file;
}

Result<void> EditedFile::lock(const Root& root)
{
    using std::chrono::steady_clock;
    constexpr std::chrono::seconds patience{10};
    constexpr std::chrono::milliseconds pause{5};
    const std::string name = "." + name_ + ".new";
    const auto end = steady_clock::now() + patience;
    while (true) {
        auto file = root.open_at(directory_.get(), name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (!file)
            return system_error("write", shown_, file.error().code);
        // A lock for writing, which nobody can hold who may not write: a user who only reads cannot stop us.
        struct flock whole{};
        whole.l_type = F_WRLCK;
        const bool locked = ::fcntl(file->get(), F_OFD_SETLK, &whole) == 0;
        if (!locked && errno != EAGAIN && errno != EACCES)
            return system_error("lock", shown_, errno);
        // The run before has renamed it, or removed it: then this lock is of a file that is no longer the new one.
        if (locked && is_same_file(directory_.get(), name, *file)) {
            new_file_ = std::move(*file);
            ::unlinkat(directory_.get(), ("." + name_ + "~.new").c_str(), 0);
            return {};
        }
        if (steady_clock::now() > end)
            return system_error("write", shown_, EAGAIN, "another run of vfio-earlyctl is changing it");
        if (!locked)
            std::this_thread::sleep_for(pause);
    }
}

Result<void> EditedFile::read_old(const Root& root)
{
    const auto file = root.open_at(directory_.get(), name_, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file && file.error().code == ENOENT)
        return {};
    struct stat status{};
    if (!file || ::fstat(file->get(), &status) != 0)
        return system_error("read", shown_, file ? errno : file.error().code);
    if (!S_ISREG(status.st_mode))
        return system_error("change", shown_, EINVAL, "not a regular file");
    auto text = read_up_to(*file, largest_file + 1);
    if (!text || text->size() > largest_file)
        return system_error("read", shown_, text ? EFBIG : text.error().code);
    text_ = std::move(*text);
    exists_ = true;
    mode_ = status.st_mode & 07777U;
    owner_ = status.st_uid;
    group_ = status.st_gid;
    return {};
}

Result<void> EditedFile::fill(const FileDescriptor& file, std::string_view text) const
{
    int code = ::ftruncate(file.get(), 0) == 0 ? write_whole(file.get(), text) : errno;
    // The owner first, for a change of owner takes some bits of the mode away. Who may not give files away keeps it.
    if (code == 0 && exists_ && ::fchown(file.get(), owner_, group_) != 0 && errno != EPERM)
        code = errno;
    if (code == 0 && (::fchmod(file.get(), mode_) != 0 || (::fsync(file.get()) != 0 && errno != EINVAL)))
        code = errno;
    return code == 0 ? Result<void>() : system_error("write", shown_, code);
}

Result<Backup> EditedFile::back_up() const
{
    if (!exists_)
        return Backup::none;
    const int directory = directory_.get();
    const std::string backup = name_ + "~";
    struct stat status{};
    if (::fstatat(directory, backup.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && is_of_today(status.st_mtime))
        return Backup::kept;
    const std::string name = "." + backup + ".new";
    const FileDescriptor file(::openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file)
        return system_error("write", shown_ + "~", errno);
    auto filled = fill(file, text_);
    if (filled && ::renameat(directory, name.c_str(), directory, backup.c_str()) != 0)
        filled = system_error("write", shown_ + "~", errno);
    if (filled)
        return Backup::written;
    ::unlinkat(directory, name.c_str(), 0);
    return std::unexpected(filled.error());
}

Result<Backup> EditedFile::replace(std::string_view text)
{
    if (auto filled = fill(new_file_, text); !filled)
        return std::unexpected(filled.error());
    const auto backup = back_up();
    if (!backup)
        return backup;
    if (::renameat(directory_.get(), ("." + name_ + ".new").c_str(), directory_.get(), name_.c_str()) != 0)
        return system_error("write", shown_, errno);
    ::fsync(directory_.get()); // a power cut now finds the new name
    return backup;
}

std::string EditedFile::backup_text(Backup backup) const
{
    switch (backup) {
    case Backup::written:
        return "The file as it was is " + shown_ + "~.";
    case Backup::kept:
        return "As it was before today's first change, the file is " + shown_ + "~.";
    case Backup::none:
        break;
    }
    return {};
}

} // namespace vfio_early
