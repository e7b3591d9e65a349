// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/boot_params/boot_facts.hpp"
#include "hook/host/outlook.hpp"
#include "hook/import/resolve.hpp"

#include <vector>

namespace vfio_early {

/// The functions that are to be given to virtual machines, as far as this system tells: those the policy names,
/// be they refused today or not, and those that other ways of binding name. In order of address.
[[nodiscard]] std::vector<const Function*> wanted_functions(const Outlook& outlook, const Imported& imported);

/// The words of the kernel command line that name functions for vfio-pci, all of which the policy takes by now: they
/// are to go. Nothing as long as something is left to import.
[[nodiscard]] std::vector<ParameterChange> needless_ids(const Imported& imported);

} // namespace vfio_early
