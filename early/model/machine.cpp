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

bool overlap(std::span<const MemoryRange> left, std::span<const MemoryRange> right)
{
    return std::ranges::any_of(left, [&](const MemoryRange& one) {
        return std::ranges::any_of(right, [&](const MemoryRange& other) { return one.overlaps(other); });
    });
}

bool Machine::holds_firmware_framebuffer(const Function& function) const
{
    return firmware_framebuffers.empty() ? function.boot_vga : overlap(function.memory, firmware_framebuffers);
}

FramebufferHold Machine::framebuffer_hold(const Function& function) const
{
    // vfio_pci_vga_init(), drivers/vfio/pci/vfio_pci_core.c
    if (!is_display(function.ids) || is_vga(function.ids))
        return FramebufferHold::none;
    const bool child = framebuffer_device && framebuffer_device->parent == function.address;
    if (!child && !overlap(function.memory, firmware_framebuffers))
        return FramebufferHold::none;
    // Only this one has the memory as a resource of its own (drivers/firmware/sysfb_simplefb.c). It stays without a
    // driver, and nobody can reserve more than is in it (__request_region(), kernel/resource.c).
    const bool of_driver = framebuffer_device && !framebuffer_device->name.starts_with("simple-framebuffer.");
    return of_driver ? FramebufferHold::evictable : FramebufferHold::stays;
}

bool Machine::has_iommu() const
{
    return std::ranges::any_of(functions, [](const Function& function) { return function.group.has_value(); });
}

bool Machine::group_comes_with_driver(const Function& function) const
{
    const auto has_group_alone = [](const Function& other) { return other.group && other.driver.empty(); };
    return iommu_registered && !function.group && function.driver.empty() &&
           std::ranges::none_of(functions, has_group_alone);
}

} // namespace vfio_early
