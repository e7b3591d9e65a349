// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/boot_request.hpp"
#include "early/model/matcher.hpp"

#include <string>
#include <string_view>

namespace vfio_early {

/// The driver that a function is to have, as far as it is known before its module is loaded. What the statement names;
/// for driver=auto the variant of vfio-pci that the kernel's modules name for the function, else vfio-pci.
///
/// A variant's module may be built on the function's native driver (xe_vfio_pci on xe, mlx5_vfio_pci on mlx5_core), and
/// loading it would load that, too. That is of no matter for a virtual function, whose physical function has it anyway;
/// for any other function vfio-pci is taken then.
///
/// A variant is called by its module's name, for which most drivers are named (KBUILD_MODNAME). How its driver is
/// really called the kernel says once the module is loaded; see Kernel::driver_of_module().
[[nodiscard]] std::string choose_driver(const BindStatement& statement, const Function& function,
                                        const Matcher& matcher, const BootRequest& request);

/// True for vfio-pci and its variants: the drivers whose probe needs an IOMMU group.
[[nodiscard]] bool is_vfio_driver(std::string_view driver);

/// True for what is neither vfio-pci nor pci-stub, whose drivers are not called as their modules are.
[[nodiscard]] bool is_named_by_module(std::string_view driver);

/// True for a function that vfio-pci itself refuses, unless its option disable_denylist is set, which we never do: it
/// has known errata (vfio_pci_dev_in_denylist(), drivers/vfio/pci/vfio_pci.c). The list is that of Linux 6.12.
/// QuickAssist is in it since 5.9, DSA and IAA of Sapphire Rapids since 6.9 and the stable kernels of that time.
[[nodiscard]] bool is_denied_by_vfio_pci(const Ids& ids);

} // namespace vfio_early
