// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/report.hpp"
#include "early/system/root.hpp"

#include <optional>
#include <string_view>

namespace vfio_early {

/// What vfio-early did in this boot, out of the lines that it wrote one after another (early/tell/report_lines.hpp). A
/// later outcome takes the place of the earlier one of the same function, and a statement that found nothing at boot is
/// not missing any more once it has found something. Nothing for what is no such report. A last line that was cut
/// short, by a full disk or because it is being written, is left out.
[[nodiscard]] std::optional<Report> parse_report(std::string_view lines);

/// Reads /run/vfio-early/report.jsonl. ENOENT: vfio-early did not run. EINVAL: it is no report of schema 2.
[[nodiscard]] Result<Report> read_report(const Root& root);

} // namespace vfio_early
