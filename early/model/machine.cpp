// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/machine.hpp"

#include <algorithm>
#include <utility>

namespace vfio_early {

const Function* Machine::find(const Address& address) const
{
    const auto found = std::ranges::lower_bound(functions, address, {}, &Function::address);
    return found != functions.end() && found->address == address ? &*found : nullptr;
}

Function* Machine::find(const Address& address)
{
    return const_cast<Function*>(std::as_const(*this).find(address));
}

std::span<const Function> Machine::slot(const Address& address) const
{
    const auto slot_of = [](const Function& function) { return function.address.slot(); };
    const auto range = std::ranges::equal_range(functions, address.slot(), {}, slot_of);
    return {range.begin(), range.end()};
}

bool Machine::holds_firmware_framebuffer(const Function& function) const
{
    if (firmware_framebuffers.empty())
        return function.boot_vga;
    return std::ranges::any_of(function.memory, [&](const MemoryRange& bar) {
        return std::ranges::any_of(firmware_framebuffers,
                                   [&](const MemoryRange& framebuffer) { return bar.overlaps(framebuffer); });
    });
}

bool Machine::has_iommu() const
{
    return std::ranges::any_of(functions, [](const Function& function) { return function.group.has_value(); });
}

} // namespace vfio_early
