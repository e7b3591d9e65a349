// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/cpio.hpp"

#include "early/model/text.hpp"

#include <cerrno>
#include <sys/stat.h>

namespace vfio_early {

namespace {

constexpr std::size_t header_size = 110;
constexpr std::uint64_t longest_name = 4096; // PATH_MAX: the kernel leaves longer ones out
// What no image is, so that few bytes that unpack to many cost little. All of them are sums over the whole image.
constexpr std::uint64_t most_bytes = std::uint64_t{2} << 30U;
constexpr std::uint64_t most_text = 64U << 20U; // kept in memory: names, targets of links, files that are read
constexpr std::size_t most_entries = 1'000'000;
constexpr std::size_t longest_fill = 1U << 20U; // of zero bytes between two archives; generators fill up to 4 KiB

std::unexpected<SystemError> bad(const char* what)
{
    return system_error("read", "the image", 0, what);
}

std::uint64_t padding(std::uint64_t size)
{
    return (4 - size % 4) % 4;
}

struct Header {
    unsigned mode = 0;
    std::uint64_t size = 0;
    std::uint64_t name_size = 0;
};

/// The 110 bytes: a magic number, then 13 fields of 8 hex digits (usr/gen_init_cpio.c of Linux).
std::optional<Header> parse_header(std::string_view bytes)
{
    constexpr unsigned digits = 8;
    const auto field = [bytes](std::size_t index) {
        return parse_hex(bytes.substr(6 + index * digits, digits), digits);
    };
    if (!bytes.starts_with("070701") && !bytes.starts_with("070702"))
        return std::nullopt;
    const auto mode = field(1);
    const auto size = field(6);
    const auto name_size = field(11);
    if (!mode || !size || !name_size)
        return std::nullopt;
    return Header{.mode = static_cast<unsigned>(*mode), .size = *size, .name_size = *name_size};
}

/// "./lib/modules" as "usr/lib/modules"; see ImageContent::entries.
std::string plain_path(std::string_view name)
{
    std::string path;
    for (const std::string_view part : split(name, '/'))
        if (!part.empty() && part != ".")
            path.append(path.empty() ? "" : "/").append(part);
    for (const std::string_view directory : {"bin/", "sbin/", "lib/"})
        if (path.starts_with(directory))
            return "usr/" + path;
    return path;
}

/// One entry. False: it was the mark of the archive's end.
Result<bool> read_entry(ByteStream& stream, ImageContent& content)
{
    std::string bytes;
    if (auto got = stream.take(header_size, &bytes); !got)
        return std::unexpected(got.error());
    const auto header = parse_header(bytes);
    if (!header || header->name_size == 0 || header->name_size > longest_name)
        return bad("what should be the head of a file in a cpio archive is none");
    std::string name;
    if (auto got = stream.take(header->name_size, &name); !got)
        return std::unexpected(got.error());
    name.resize(name.find('\0') == name.npos ? name.size() : name.find('\0'));
    if (auto got = stream.take(padding(header_size + header->name_size), nullptr); !got)
        return std::unexpected(got.error());
    if (name == "TRAILER!!!")
        return false;

    ImageEntry entry{.mode = header->mode, .size = header->size, .text = {}};
    const std::string path = plain_path(name);
    const bool whole = entry.is_link() || (entry.is_file() && is_read_whole(path));
    content.bytes += header_size + entry.size;
    content.kept += path.size() + (whole ? entry.size : 0);
    if (content.bytes > most_bytes || content.kept > most_text || content.entries.size() >= most_entries)
        return system_error("read", "the image", EFBIG);
    if (auto got = stream.take(entry.size, whole ? &entry.text : nullptr); !got)
        return std::unexpected(got.error());
    if (auto got = stream.take(padding(entry.size), nullptr); !got)
        return std::unexpected(got.error());
    if (!path.empty())
        content.entries.insert_or_assign(path, std::move(entry));
    return true;
}

} // namespace

Result<void> read_cpio(ByteStream& stream, ImageContent& content)
{
    bool open = false;  // within an archive
    bool whole = false; // one was read to its end
    std::size_t fill = 0;
    while (true) {
        const auto end = stream.at_end();
        // Compressed data may have a fill behind it that its format does not know.
        if (!end && whole && !open)
            return {};
        if (!end)
            return std::unexpected(end.error());
        if (*end || (!open && stream.front() != '0' && stream.front() != '\0')) {
            if (open)
                return bad("it ends in the middle of a cpio archive");
            return {};
        }
        if (!open && stream.front() == '\0') {
            if (auto skipped = stream.take(1, nullptr); !skipped)
                return skipped;
            if (++fill > longest_fill)
                return bad("it has more zero bytes between two archives than any image");
            continue;
        }
        fill = 0;
        const auto more = read_entry(stream, content);
        if (!more)
            return std::unexpected(more.error());
        open = *more;
        whole = whole || !open;
    }
}

} // namespace vfio_early
