// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/host/outlook.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/import/resolve.hpp"

namespace vfio_early {

/// Resolves lines against the machine of an outlook; what its plan of `policy` takes, and the options that `policy`
/// sets, are not imported again.
[[nodiscard]] Imported import_lines(std::vector<SourceLine> lines, const Root& root, const Policy& policy,
                                    const Outlook& outlook, const PciNames& names);

} // namespace vfio_early
