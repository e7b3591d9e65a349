// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorded_tree.hpp"

#include "early/system/root.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace vfio_early {

namespace {

/// Both kinds of archive are freed by the same function (archive_write(3)).
struct Free {
    void operator()(archive* tar) const { archive_free(tar); }
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

std::unexpected<SystemError> archive_error(const char* doing, const std::string& path, archive* tar)
{
    const char* text = archive_error_string(tar);
    return system_error(doing, path, 0, text != nullptr ? text : "no reason given");
}

void add_filter(archive* tar, const std::string& path)
{
    if (path.ends_with(".gz") || path.ends_with(".tgz")) {
        archive_write_add_filter_gzip(tar);
        archive_write_set_filter_option(tar, "gzip", "timestamp", nullptr);
    } else if (path.ends_with(".xz")) {
        archive_write_add_filter_xz(tar);
    } else if (path.ends_with(".zst")) {
        archive_write_add_filter_zstd(tar);
    }
}

bool add_entry(archive* tar, const std::string& path, unsigned type, const std::string& content)
{
    const std::unique_ptr<archive_entry, Free> entry(archive_entry_new());
    const bool link = type == AE_IFLNK;
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), type);
    archive_entry_set_perm(entry.get(), link ? 0777 : 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    if (link)
        archive_entry_set_symlink(entry.get(), content.c_str());
    else
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    if (archive_write_header(tar, entry.get()) != ARCHIVE_OK)
        return false;
    return link || archive_write_data(tar, content.data(), content.size()) == static_cast<la_ssize_t>(content.size());
}

constexpr std::size_t largest_recording = 64U << 20U;
constexpr std::size_t most_entries = 1'000'000;

Result<std::string> read_content(archive* tar, const std::string& path, std::size_t limit)
{
    std::string content;
    std::array<char, 16384> buffer{};
    while (true) {
        const la_ssize_t got = archive_read_data(tar, buffer.data(), buffer.size());
        if (got < 0)
            return archive_error("read", path, tar);
        if (got == 0)
            return content;
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > limit)
            return system_error("read", path, EFBIG);
    }
}

/// All of the archive; `path` is for the errors, and its suffix for the compression.
Result<void> write_entries(const RecordedTree& tree, const std::string& path, int file)
{
    const std::unique_ptr<archive, Free> tar(archive_write_new());
    archive_write_set_format_pax_restricted(tar.get());
    add_filter(tar.get(), path);
    if (archive_write_open_fd(tar.get(), file) != ARCHIVE_OK)
        return archive_error("write", path, tar.get());
    for (const auto& [entries, type] : {std::pair(&tree.files, AE_IFREG), std::pair(&tree.links, AE_IFLNK)})
        for (const auto& [name, content] : *entries)
            if (!add_entry(tar.get(), name, type, content))
                return archive_error("write", path, tar.get());
    if (archive_write_close(tar.get()) != ARCHIVE_OK)
        return archive_error("write", path, tar.get());
    return ::fsync(file) == 0 ? Result<void>() : system_error("write", path, errno);
}

Result<void> give_name(const std::string& temporary, const std::string& path, bool overwrite)
{
    int code = ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), overwrite ? 0 : RENAME_NOREPLACE) == 0
                   ? 0
                   : errno;
    if (code == EINVAL) // a file system that cannot tell: some of those on USB sticks
        code = ::access(path.c_str(), F_OK) == 0 ? EEXIST : ::rename(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
    return code == 0 ? Result<void>() : system_error("write", path, code);
}

} // namespace

Result<void> write_tar(const RecordedTree& tree, const std::string& path, bool overwrite)
{
    std::string temporary = path + ".XXXXXX";
    const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file)
        return system_error("write", path, errno);
    auto written = write_entries(tree, path, file.get());
    if (written)
        written = give_name(temporary, path, overwrite);
    if (!written)
        ::unlink(temporary.c_str());
    return written;
}

Result<RecordedTree> read_tar(const std::string& path)
{
    const std::unique_ptr<archive, Free> tar(archive_read_new());
    archive_read_support_filter_all(tar.get());
    archive_read_support_format_tar(tar.get());
    if (archive_read_open_filename(tar.get(), path.c_str(), 65536) != ARCHIVE_OK)
        return archive_error("read", path, tar.get());
    RecordedTree tree;
    std::size_t size = 0;
    archive_entry* entry = nullptr;
    int status = ARCHIVE_OK;
    while ((status = archive_read_next_header(tar.get(), &entry)) == ARCHIVE_OK) {
        const char* raw = archive_entry_pathname(entry);
        const auto type = archive_entry_filetype(entry);
        if (type == AE_IFDIR)
            continue;
        const std::string name = clean_path(raw != nullptr ? raw : "");
        const char* target = archive_entry_symlink(entry);
        if (name.empty() || (type != AE_IFREG && (type != AE_IFLNK || target == nullptr)) ||
            archive_entry_hardlink(entry) != nullptr || tree.files.size() + tree.links.size() >= most_entries)
            return system_error("read", path, EINVAL, "not a recording of a machine");
        if (type == AE_IFLNK) {
            tree.links[name] = target;
            continue;
        }
        auto content = read_content(tar.get(), path, largest_recording - size);
        if (!content)
            return std::unexpected(content.error());
        size += content->size();
        tree.files[name] = std::move(*content);
    }
    if (status != ARCHIVE_EOF)
        return archive_error("read", path, tar.get());
    return tree;
}

} // namespace vfio_early
