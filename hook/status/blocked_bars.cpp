// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/blocked_bars.hpp"

#include "early/machine/scan.hpp"
#include "early/model/text.hpp"

#include <cerrno>
#include <fmt/format.h>

namespace vfio_early {

namespace {

/// What lies in the BAR, but for itself and the window of a bridge that is no larger.
std::vector<MemoryHolder> holders_in(const MemoryRange& bar, std::string_view iomem)
{
    std::vector<MemoryHolder> holders;
    for (const std::string_view line : split(iomem, '\n'))
        if (const auto holder = parse_iomem_line(line);
            holder && bar.first <= holder->range.first && holder->range.last <= bar.last &&
            !parse_address(holder->name) && !holder->name.starts_with("PCI Bus "))
            holders.push_back(*holder);
    return holders;
}

} // namespace

std::string blocked_bars_text(const std::vector<BlockedBar>& blocked, std::string_view resource, std::string_view iomem)
{
    const auto ranges = memory_bars(resource);
    std::vector<std::string> parts;
    bool framebuffer = false;
    for (const BlockedBar& one : blocked) {
        parts.push_back(fmt::format("BAR {} cannot be mapped: {}", one.bar, errno_text(one.code)));
        if (one.code != EBUSY || !ranges.at(one.bar))
            continue;
        for (const MemoryHolder& holder : holders_in(*ranges.at(one.bar), iomem)) {
            parts.push_back(fmt::format("{} has {:x}-{:x}", holder.name, holder.range.first, holder.range.last));
            framebuffer = framebuffer || is_framebuffer_name(holder.name);
        }
    }
    if (framebuffer)
        parts.emplace_back("boot with initcall_blacklist=sysfb_init");
    return (framebuffer ? "framebuffer: " : "") + join(parts, "; ");
}

} // namespace vfio_early
