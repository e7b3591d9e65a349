// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/report.hpp"
#include "early/system/root.hpp"

namespace vfio_early {

inline constexpr const char* report_path = "run/vfio-early/report.json";

/// Writes /run/vfio-early/report.json as a whole.
[[nodiscard]] Result<void> write_report(const Root& root, const Report& report);
[[nodiscard]] Result<Report> read_report(const Root& root);

/// Keeps every other process that asks for the same out until the descriptor is closed: for who reads the report to
/// mend it. udev handles several functions at the same time. Holds no descriptor where there is no folder of the
/// report yet.
[[nodiscard]] FileDescriptor lock_report(const Root& root);

} // namespace vfio_early
