// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/guard_rules.hpp"

namespace vfio_early {

/// Refuses what would be in a group that is not viable: another member has a native driver, or will get one, or nobody
/// can know whether it will. True if anything was refused.
bool guard_groups(Selection& selection, const GuardContext& context);

} // namespace vfio_early
