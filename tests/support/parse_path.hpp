// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/model/text.hpp"

#include <span>
#include <string>

namespace vfio_early::test {

/// Reads what Path::text() writes; nothing for anything else.
inline std::optional<Path> parse_path(std::string_view text)
{
    const auto parts = split(text, '/');
    const auto root = parse_address(parts.front());
    if (!root)
        return std::nullopt;
    Path path{*root, {}};
    for (const std::string_view part : std::span(parts).subspan(1)) {
        const auto hop = parse_address("00:" + std::string(part));
        if (!hop)
            return std::nullopt;
        path.hops.push_back({hop->device, hop->function});
    }
    return path;
}

} // namespace vfio_early::test
