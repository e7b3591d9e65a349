// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/unpacked_stream.hpp"

#include <algorithm>
#include <archive.h>

namespace vfio_early {

namespace {

std::unexpected<SystemError> unpack_error(archive* packed)
{
    const char* text = archive_error_string(packed);
    return system_error("unpack", "the image", 0,
                        std::string("it is damaged or cut short") +
                            (text != nullptr ? std::string(" (") + text + ")" : ""));
}

} // namespace

void UnpackedStream::Close::operator()(archive* packed) const
{
    archive_read_free(packed);
}

Result<std::unique_ptr<UnpackedStream>> UnpackedStream::open(std::string_view packed)
{
    std::unique_ptr<UnpackedStream> stream(new UnpackedStream(archive_read_new()));
    archive* const reader = stream->archive_.get();
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_bzip2(reader);
    archive_read_support_filter_lzma(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_zstd(reader);
    archive_read_support_filter_lz4(reader);
    archive_read_support_format_raw(reader);
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader, packed.data(), packed.size()) != ARCHIVE_OK ||
        archive_read_next_header(reader, &entry) != ARCHIVE_OK)
        return unpack_error(reader);
    // The filter that stands nearest to the memory itself is always "none".
    if (archive_filter_count(reader) != 2)
        return system_error("unpack", "the image", 0,
                            "this is neither a cpio archive nor in a compression that is known");
    return stream;
}

std::string UnpackedStream::compression() const
{
    return archive_filter_name(archive_.get(), 0);
}

std::size_t UnpackedStream::used() const
{
    return static_cast<std::size_t>(std::max<la_int64_t>(archive_filter_bytes(archive_.get(), -1), 0));
}

Result<std::string_view> UnpackedStream::next_block()
{
    const la_ssize_t got = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
    if (got < 0)
        return unpack_error(archive_.get());
    return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
}

} // namespace vfio_early
