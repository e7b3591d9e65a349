// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/host/outlook.hpp"
#include "hook/import/resolve.hpp"

#include <vector>

namespace vfio_early {

/// The functions that are to be given to virtual machines, as far as this system tells: those the policy names,
/// be they refused today or not, and those that other ways of binding name. In order of address.
[[nodiscard]] std::vector<const Function*> wanted_functions(const Outlook& outlook, const Imported& imported);

} // namespace vfio_early
