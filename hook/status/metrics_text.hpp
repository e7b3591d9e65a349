// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/status/this_boot.hpp"

#include <string>
#include <string_view>

namespace vfio_early {

/// How a function stands now: "bound", "kept", "refused" or "failed" as the boot left it, else "changed". "would-bind"
/// and "would-keep" after a dry run, as in the report.
[[nodiscard]] std::string_view outcome_now(const FunctionStatus& status, BootRequest::Mode mode);

/// The text format of Prometheus (version 0.0.4), as the textfile collector of node_exporter reads it: HELP and TYPE
/// for each metric, base units, no timestamps. Each series is there in every state, with 0 where there is nothing.
/// Pure.
[[nodiscard]] std::string metrics_text(const ThisBoot& boot);

} // namespace vfio_early
