// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/overlay/overlay_tree.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <memory>
#include <set>
#include <sys/stat.h>

namespace vfio_early {

namespace {

constexpr std::size_t fill = 512; // as mkinitramfs does; the kernel asks for a multiple of 4

struct CloseWriter {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t append_bytes(archive* /*writer*/, void* text, const void* bytes, std::size_t size)
{
    static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

bool write_entry(archive* writer, const std::string& path, mode_t mode, const std::string& content)
{
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    const bool file = S_ISREG(mode);
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_mode(entry.get(), mode);
    archive_entry_set_nlink(entry.get(), 1);
    archive_entry_set_uid(entry.get(), 0);
    archive_entry_set_gid(entry.get(), 0);
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_size(entry.get(), file ? static_cast<la_int64_t>(content.size()) : 0);
    if (S_ISLNK(mode))
        archive_entry_set_symlink(entry.get(), content.c_str());
    return archive_write_header(writer, entry.get()) == ARCHIVE_OK &&
           (!file || archive_write_data(writer, content.data(), content.size()) >= 0);
}

mode_t mode_of(OverlayEntry::Kind kind)
{
    switch (kind) {
    case OverlayEntry::Kind::file:
        return S_IFREG | 0644;
    case OverlayEntry::Kind::program:
        return S_IFREG | 0755;
    case OverlayEntry::Kind::link:
        break;
    }
    return S_IFLNK | 0777;
}

} // namespace

Result<std::string> write_cpio(const OverlayTree& tree)
{
    std::string bytes;
    const std::unique_ptr<archive, CloseWriter> writer(archive_write_new());
    bool good = archive_write_set_format_cpio_newc(writer.get()) == ARCHIVE_OK &&
                archive_write_set_bytes_per_block(writer.get(), 0) == ARCHIVE_OK &&
                archive_write_open(writer.get(), &bytes, nullptr, append_bytes, nullptr) == ARCHIVE_OK;
    // The kernel makes no directory by itself, and the image may be unpacked later.
    std::set<std::string> directories;
    for (const auto& [path, entry] : tree) {
        for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
            if (const std::string parent = path.substr(0, slash); directories.insert(parent).second)
                good = good && write_entry(writer.get(), parent, S_IFDIR | 0755, {});
        good = good && write_entry(writer.get(), path, mode_of(entry.kind), entry.content);
    }
    if (!good || archive_write_close(writer.get()) != ARCHIVE_OK) {
        const char* text = archive_error_string(writer.get());
        return system_error("write", "the overlay", archive_errno(writer.get()), text != nullptr ? text : "");
    }
    bytes.resize((bytes.size() + fill - 1) / fill * fill, '\0');
    return bytes;
}

} // namespace vfio_early
