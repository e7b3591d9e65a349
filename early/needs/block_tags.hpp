// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What is written on the block devices. Only the image step reads it, with libblkid (hook/host/read_block_tags.hpp).
class BlockTags {
public:
    virtual ~BlockTags() = default;
    /// The kernel's names ("nvme0n1p2") of the block devices that have this tag: UUID, LABEL, PARTUUID or PARTLABEL.
    /// With a `type`, only those with this kind of content ("zfs_member").
    [[nodiscard]] virtual std::vector<std::string> find(std::string_view tag, std::string_view value,
                                                        std::string_view type = {}) const = 0;

protected:
    BlockTags() = default;
    BlockTags(const BlockTags&) = default;
    BlockTags& operator=(const BlockTags&) = default;
};

} // namespace vfio_early
