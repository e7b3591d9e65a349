// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"

#include <vector>

namespace vfio_early {

/// The effects that carry out `functions`, in the only order that is safe: every function is pinned before any module
/// is loaded, because the pin alone already keeps modular native drivers away; the firmware's framebuffer goes before a
/// setting resets the function in whose memory the console writes; settings that need a function without a driver come
/// before the load, which probes what is pinned; power= comes after the bind, because vfio-pci's probe writes
/// power/control itself (pm_runtime_allow() in vfio_pci_core_register_device(), drivers/vfio/pci/vfio_pci_core.c).
[[nodiscard]] std::vector<Step> make_steps(const std::vector<PlannedFunction>& functions,
                                           const std::vector<const ModuleSetting*>& module_settings);

} // namespace vfio_early
