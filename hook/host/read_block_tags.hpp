// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/needs/block_tags.hpp"
#include "early/system/root.hpp"

#include <memory>

namespace vfio_early {

/// Reads the block devices of `root` with libblkid's low-level probing, once and only when first asked. Needs no udev.
/// Devices that cannot be opened have no tags. `root` must outlive it.
[[nodiscard]] std::unique_ptr<BlockTags> read_block_tags(const Root& root);

} // namespace vfio_early
