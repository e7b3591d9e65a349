// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/byte_stream.hpp"

#include <algorithm>

namespace vfio_early {

Result<bool> ByteStream::at_end()
{
    if (!block_.empty())
        return false;
    auto block = next_block();
    if (!block)
        return std::unexpected(block.error());
    block_ = *block;
    return block_.empty();
}

Result<void> ByteStream::take(std::uint64_t size, std::string* into)
{
    while (size != 0) {
        const auto end = at_end();
        if (!end)
            return std::unexpected(end.error());
        if (*end)
            return system_error("read", "the image", 0, "it ends in the middle of a file");
        const std::size_t part = std::min<std::uint64_t>(size, block_.size());
        if (into != nullptr)
            into->append(block_.substr(0, part));
        block_.remove_prefix(part);
        taken_ += part;
        size -= part;
    }
    return {};
}

} // namespace vfio_early
