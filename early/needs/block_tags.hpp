// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What is written on the block devices.
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

/// Reads the block devices of `root` with libblkid's low-level probing, once and only when first asked. Needs no udev.
/// Devices that cannot be opened have no tags. `root` must outlive it.
[[nodiscard]] std::unique_ptr<BlockTags> open_block_tags(const Root& root);

} // namespace vfio_early
