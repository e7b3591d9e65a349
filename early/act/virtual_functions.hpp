// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/limited_kernel.hpp"
#include "early/model/plan.hpp"
#include "early/model/report.hpp"

#include <functional>

namespace vfio_early {

/// Looks at the machine again and plans for the virtual functions that are there now (plan_virtual_functions()).
using VfsPlanner = std::function<Result<Plan>(const PlannedVfs&)>;

/// Creates the virtual functions that `plan` speaks of and binds them, and adds to `report` what became of each. No
/// other driver can take one in between: drivers are kept from virtual functions until all are done. Those that are not
/// bound in the end are offered to their native drivers then. A function whose native driver is not there yet is only
/// reported. Where the kernel is still creating them when the time is over, drivers are kept away on: who asks later
/// (`vfio-early bind --vfs`) finds them without one.
void create_virtual_functions(const Plan& plan, const RunOnKernel& run, const VfsPlanner& plan_for, Report& report);

} // namespace vfio_early
