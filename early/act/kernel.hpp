// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/model/policy.hpp"
#include "early/system/error.hpp"

#include <optional>
#include <string>

namespace vfio_early {

/// Every effect on the kernel that a plan can need, and nothing else. sysfs_kernel.hpp has the real one;
/// limited_kernel.hpp puts a limit on how long each may take.
class Kernel {
public:
    virtual ~Kernel() = default;

    /// Writes driver_override; an empty driver clears it (by a newline).
    virtual Result<void> set_override(const Address& function, const std::string& driver) = 0;
    /// Loads a module with its dependencies. ENOENT: the kernel has no such module.
    virtual Result<void> load_module(const std::string& module, const std::string& options) = 0;
    /// The options that modprobe.d and the kernel command line will give to a module; empty if it is there already.
    virtual Result<std::string> configured_options(const std::string& module) = 0;
    /// The name of the PCI driver that a loaded module has registered, which is what driver_override is compared with:
    /// the module xe_vfio_pci has the driver xe-vfio-pci (/sys/module/MODULE/drivers/pci:NAME, module_add_driver() in
    /// drivers/base/module.c). ENOENT: it has none. Where it has several, the one that is called as it is.
    virtual Result<std::string> driver_of_module(const std::string& module) = 0;
    /// Takes the function from `driver`.
    virtual Result<void> unbind(const Address& function, const std::string& driver) = 0;
    /// Offers the function to the drivers (drivers_probe). Success does not mean that it was bound.
    virtual Result<void> probe(const Address& function) = 0;
    /// Offers the function to one driver, which its override must name (the driver's `bind` attribute). Unlike
    /// drivers_probe it passes on what the driver's probe said (device_driver_attach(), drivers/base/dd.c;
    /// before Linux 5.12 any failure is ENODEV). ENOENT: no such driver is registered.
    virtual Result<void> bind(const Address& function, const std::string& driver) = 0;
    /// The driver the function is bound to; empty: none. Never waits for a driver: the link is read under a lock of
    /// sysfs alone (kernfs_iop_get_link(), fs/kernfs/symlink.c).
    virtual Result<std::string> bound_driver(const Address& function) = 0;
    /// The number of the function's IOMMU group; empty: it is in none.
    virtual Result<std::string> group_of(const Address& function) = 0;
    /// Takes the firmware's framebuffer in the memory of `function` from its driver, and lets no driver have it again.
    /// `device`: its platform device. EBUSY: the memory stays reserved as long as a program has /dev/fb0 open.
    virtual Result<void> evict_framebuffer(const Address& function, const std::string& device) = 0;
    /// Applies one device setting. EOPNOTSUPP: the kernel has no such attribute for the function.
    virtual Result<void> apply(const Address& function, const DeviceSetting& setting) = 0;
    /// Whether the group can be given to a virtual machine; see vfio_group_viable(). Nothing where that is not known.
    virtual Result<std::optional<bool>> group_viable(unsigned group) = 0;
    /// Whether drivers may take the virtual functions of `function` that have no override (sriov_drivers_autoprobe,
    /// since Linux 4.13). Gives what held before.
    virtual Result<bool> let_vfs_probe(const Address& function, bool allowed) = 0;
    /// Creates so many virtual functions (sriov_numvfs), which must have none. EOPNOTSUPP: its driver cannot.
    virtual Result<void> create_vfs(const Address& function, unsigned count) = 0;
    /// For a function on which a call has timed out: clears the override, unbinds the function from `driver` if that
    /// has it by then, and offers it to the drivers, all as soon as the kernel lets go of it. Does not wait for that.
    virtual void release_later(const Address& function, const std::string& driver) = 0;

protected:
    Kernel() = default;
    Kernel(const Kernel&) = default;
    Kernel& operator=(const Kernel&) = default;
};

} // namespace vfio_early
