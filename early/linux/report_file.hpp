// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/linux/root.hpp"
#include "early/model/report.hpp"

namespace vfio_early {

inline constexpr const char* report_path = "run/vfio-early/report.json";

/// Writes /run/vfio-early/report.json as a whole.
[[nodiscard]] Result<void> write_report(const Root& root, const Report& report);
[[nodiscard]] Result<Report> read_report(const Root& root);

} // namespace vfio_early
