// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/status/this_boot.hpp"

#include <vector>

namespace vfio_early {

/// The functions that a virtual machine can be given now: this boot has bound them, and a driver of VFIO still has
/// them. What the policy only wishes is none of them. In order of address. Pure.
[[nodiscard]] std::vector<Function> bound_functions(const ThisBoot& boot);

} // namespace vfio_early
