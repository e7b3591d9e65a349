// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vfio_early {

/// An owned file descriptor.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept
    {
        std::swap(number_, other.number_);
        return *this;
    }
    ~FileDescriptor();

    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

private:
    int number_ = -1;
};

/// A file system tree that everything is read from and written to: "/" of a running machine, or a
/// directory that holds a recorded one. Paths are given without a leading slash ("sys/bus/pci/devices")
/// and opened relative to the directory, so that no path is ever built twice. Below a directory other than
/// "/" nothing outside is ever reached, whatever symbolic links it holds: they are read as by chroot(2).
class Root {
public:
    /// Opens `directory`; ENOENT or ENOTDIR as openat(2) says.
    [[nodiscard]] static Result<Root> open(const std::string& directory);

    /// True for "/": ioctls and module loading make sense only here.
    [[nodiscard]] bool live() const { return live_; }
    /// As the user named it, without a trailing slash: "" for "/".
    [[nodiscard]] const std::string& prefix() const { return prefix_; }

    /// The whole file, at most `limit` bytes (EFBIG beyond).
    [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit = 1U << 20U) const;
    /// The first line, without white space at its ends: one sysfs attribute.
    [[nodiscard]] Result<std::string> read_line(const std::string& path) const;
    /// At most the first `size` bytes: for `config`, where fewer than asked is no error.
    [[nodiscard]] Result<std::string> read_prefix(const std::string& path, std::size_t size) const;
    /// The target of a symbolic link.
    [[nodiscard]] Result<std::string> read_link(const std::string& path) const;
    /// The names in a directory in order, "." and ".." left out.
    [[nodiscard]] Result<std::vector<std::string>> list(const std::string& path) const;
    /// The same in no order, for who sorts what the names stand for.
    [[nodiscard]] Result<std::vector<std::string>> list_unsorted(const std::string& path) const;
    [[nodiscard]] bool exists(const std::string& path) const;

    /// One write(2) to an existing attribute. A short write is an error (EIO).
    [[nodiscard]] Result<void> write_attribute(const std::string& path, std::string_view value) const;
    /// Replaces a file as a whole: a temporary beside it, fsync, rename. Makes missing directories (0755).
    [[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view content,
                                            unsigned mode = 0644) const;
    /// Adds to the end of a file by one write(2), so that programs at the same time do not mix; makes it where missing.
    [[nodiscard]] Result<void> append_file(const std::string& path, std::string_view content,
                                           unsigned mode = 0644) const;
    [[nodiscard]] Result<void> remove_file(const std::string& path) const;

    /// openat(2) below the root, O_CLOEXEC added.
    [[nodiscard]] Result<FileDescriptor> open_file(const std::string& path, int flags) const;
    /// The same below `directory`, an open directory of this root; `mode` is for O_CREAT.
    [[nodiscard]] Result<FileDescriptor> open_at(int directory, const std::string& path, int flags,
                                                 unsigned mode = 0) const;

private:
    Result<FileDescriptor> open_directory(const std::string& path, bool make) const;

    FileDescriptor directory_;
    std::string prefix_;
    bool live_ = false;
};

/// One pwrite(2) of the whole value to the start of the file, whatever was read of it before, or, with O_APPEND, to its
/// end; a short write is an error (EIO). `name` is for the error.
[[nodiscard]] Result<void> write_once(const FileDescriptor& file, std::string_view value, const std::string& name);
/// Writes all of it, in pieces where the kernel takes no more at once: for files, not for attributes. errno; 0: done.
[[nodiscard]] int write_whole(int file, std::string_view content);
/// What is left to read of a file, at most `limit` bytes.
[[nodiscard]] Result<std::string> read_up_to(const FileDescriptor& file, std::size_t limit);
/// openat(2) that takes `directory` for "/": no "..", absolute path or symbolic link leads out of it
/// (RESOLVE_IN_ROOT of openat2(2), Linux 5.6). Returns -1 and errno as openat(2) does.
[[nodiscard]] int open_confined(int directory, const char* path, int flags, unsigned mode);

} // namespace vfio_early
