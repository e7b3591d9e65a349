// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/inspect/byte_stream.hpp"
#include "hook/inspect/image_content.hpp"

namespace vfio_early {

/// Adds the entries of the cpio archives ("newc", the kernel's form) that follow each other in `stream`, zero bytes
/// between them left out, until the stream ends or something else begins. libarchive's own reader ends at the first
/// archive. An archive without its mark of the end is an error: it was cut.
[[nodiscard]] Result<void> read_cpio(ByteStream& stream, ImageContent& content);

} // namespace vfio_early
