// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/diagnostic.hpp"
#include "early/model/plan.hpp"
#include "early/model/report.hpp"
#include "early/system/error.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// "/etc/vfio-early.conf:7:12: message" in one line.
[[nodiscard]] std::string diagnostic_line(const Diagnostic& diagnostic);

/// A policy file that could not be read, as a diagnostic of the whole file.
[[nodiscard]] Diagnostic unreadable_policy(const SystemError& error);

/// What the kernel log says of a policy that cannot be used: the first few errors, each with
/// "; nothing is bound", and how many more there are.
[[nodiscard]] std::vector<LogRecord> policy_error_records(const std::vector<Diagnostic>& diagnostics,
                                                          std::size_t suppressed);

/// The same for the report: the policy as something that was refused.
[[nodiscard]] std::vector<Outcome> policy_error_outcomes(const std::vector<Diagnostic>& diagnostics);

/// The report of a plan of which nothing was carried out: what would be bound, and the refusals.
[[nodiscard]] Report report_of_dry_run(const Plan& plan);

} // namespace vfio_early
