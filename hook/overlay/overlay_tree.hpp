// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace vfio_early {

/// What an overlay holds besides directories.
struct OverlayEntry {
    enum class Kind : std::uint8_t { file, program, link };
    Kind kind = Kind::file;
    std::string content; ///< of a link: the target

    bool operator==(const OverlayEntry&) const = default;
};

/// By the path without a leading slash, in order.
using OverlayTree = std::map<std::string, OverlayEntry>;

/// The tree as a cpio archive of the form "newc", which the kernel unpacks beside an image
/// (Documentation/driver-api/early-userspace/buffer-format.rst of Linux): uncompressed, filled up with zero bytes so
/// that anything may follow. The same tree gives the same bytes: owners are 0 and so are times.
[[nodiscard]] Result<std::string> write_cpio(const OverlayTree& tree);

} // namespace vfio_early
