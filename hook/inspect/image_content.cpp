// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/image_content.hpp"

#include "early/model/text.hpp"
#include "hook/inspect/cpio.hpp"
#include "hook/inspect/pe_sections.hpp"
#include "hook/inspect/unpacked_stream.hpp"

#include <algorithm>
#include <array>
#include <sys/stat.h>

namespace vfio_early {

namespace {

std::string_view without_leading_zeros(std::string_view bytes)
{
    bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    return bytes;
}

/// One part and nothing of what follows; how many bytes it took.
Result<std::size_t> read_part(std::string_view bytes, ImageContent& content)
{
    if (bytes.front() == '0') {
        TextStream plain(bytes);
        if (auto read = read_cpio(plain, content); !read)
            return std::unexpected(read.error());
        content.parts.emplace_back("cpio");
        return plain.taken();
    }
    auto unpacked = UnpackedStream::open(bytes);
    if (!unpacked)
        return std::unexpected(unpacked.error());
    if (auto read = read_cpio(**unpacked, content); !read)
        return std::unexpected(read.error());
    const auto end = (*unpacked)->at_end();
    if (!end.value_or(true) || (*unpacked)->taken() == 0)
        return system_error("read", "the image", 0, "what is compressed in it is no cpio archive");
    content.parts.push_back("cpio in " + (*unpacked)->compression());
    if (!end)
        return bytes.size();
    return std::clamp<std::size_t>((*unpacked)->used(), 1, bytes.size());
}

Result<void> read_parts(std::string_view bytes, ImageContent& content)
{
    for (bytes = without_leading_zeros(bytes); !bytes.empty(); bytes = without_leading_zeros(bytes)) {
        auto used = read_part(bytes, content);
        // A fill of zero bytes behind compressed data is an error for some formats, and costs what stands before it.
        const std::size_t last = bytes.find_last_not_of('\0');
        if (!used && last + 1 < bytes.size())
            used = read_part(bytes.substr(0, last + 1), content);
        if (!used)
            return std::unexpected(used.error());
        bytes.remove_prefix(*used);
    }
    return {};
}

constexpr std::array whole_directories{"etc/vfio-early.conf.d/", "etc/modprobe.d/",     "usr/lib/modprobe.d/",
                                       "run/modprobe.d/",        "etc/modules-load.d/", "usr/lib/modules-load.d/",
                                       "run/modules-load.d/",    "etc/cmdline.d/",      "conf/conf.d/"};
constexpr std::array whole_files{"etc/vfio-early.conf", "scripts/init-top/ORDER", "conf/modules", "etc/cmdline"};
constexpr std::array module_lists{"modules.alias", "modules.builtin", "modules.dep"};

} // namespace

bool ImageEntry::is_file() const
{
    return S_ISREG(mode);
}
bool ImageEntry::is_link() const
{
    return S_ISLNK(mode);
}
bool ImageEntry::is_executable() const
{
    return is_file() && (mode & S_IXUSR) != 0;
}

const ImageEntry* ImageContent::find(std::string_view path) const
{
    const auto entry = entries.find(path);
    return entry != entries.end() ? &entry->second : nullptr;
}

std::string_view ImageContent::text(std::string_view path) const
{
    const ImageEntry* entry = find(path);
    return entry != nullptr && entry->is_file() ? std::string_view(entry->text) : std::string_view();
}

void ImageContent::for_each_file(std::string_view prefix, std::string_view suffix,
                                 const std::function<void(const std::string&, std::string_view)>& handle) const
{
    for (auto entry = entries.lower_bound(prefix); entry != entries.end() && entry->first.starts_with(prefix); ++entry)
        if (entry->first.ends_with(suffix) && entry->second.is_file())
            handle(entry->first, entry->second.text);
}

bool is_read_whole(std::string_view path)
{
    if (std::ranges::any_of(whole_directories, [path](const char* directory) { return path.starts_with(directory); }) ||
        std::ranges::find(whole_files, path) != whole_files.end())
        return true;
    return path.starts_with("usr/lib/modules/") &&
           std::ranges::find(module_lists, base_name(path)) != module_lists.end();
}

Result<ImageContent> read_image(std::string_view bytes)
{
    ImageContent content;
    const auto sections = pe_sections(bytes);
    if (!sections) {
        if (auto read = read_parts(bytes, content); !read)
            return std::unexpected(read.error());
        if (content.parts.empty())
            return system_error("read", "the image", 0, "it is empty");
        return content;
    }
    const auto section = [&sections](std::string_view name) {
        const auto found = sections->find(name);
        return found != sections->end() ? found->second : std::string_view();
    };
    content.unified = sections->contains(".linux");
    content.addon = !content.unified;
    content.is_signed = pe_is_signed(bytes);
    // An add-on may be about something else.
    const bool other_addon =
        content.addon && !sections->contains(".initrd") && (!section(".cmdline").empty() || !section(".dtb").empty());
    if (section(".initrd").empty() && !other_addon)
        return system_error("read", "the image", 0, "this EFI program has no initramfs in it, or not all of it");
    for (const std::string_view name : {".ucode", ".initrd"})
        if (auto read = read_parts(section(name), content); !read)
            return std::unexpected(read.error());
    const std::string_view release = section(".uname");
    content.release = trim(release.substr(0, release.find_first_of(std::string_view("\0 \n", 3))));
    if (const std::string_view line = section(".cmdline"); !line.empty())
        content.command_line = trim(line.substr(0, line.find('\0')));
    return content;
}

bool unpack_behind(ImageContent& content, ImageContent later)
{
    if (content.unified && !later.unified && !later.release.empty() && later.release != content.release)
        return false;
    if (content.release.empty())
        content.release = std::move(later.release);
    content.behind_lz4 = content.behind_lz4 || later.behind_lz4 ||
                         (!content.parts.empty() && content.parts.back().find("lz4") != std::string::npos);
    for (auto& [path, entry] : later.entries) {
        const ImageEntry* before = content.find(path);
        if (before != nullptr && (before->is_file() || before->is_link()) && (entry.is_file() || entry.is_link()))
            content.replaced.push_back(path);
        content.entries.insert_or_assign(path, std::move(entry));
    }
    content.parts.insert(content.parts.end(), later.parts.begin(), later.parts.end());
    content.bytes += later.bytes;
    content.kept += later.kept;
    if (later.command_line)
        content.command_line =
            content.command_line.value_or("") + (content.command_line ? " " : "") + *later.command_line;
    return true;
}

} // namespace vfio_early
