// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/tell/bind_messages.hpp"

namespace vfio_early {

namespace {

/// The kernel log is not the place to read a whole list; vfio-earlyctl check shows it.
constexpr std::size_t most_records = 3;

bool is_error(const Diagnostic& diagnostic)
{
    return diagnostic.severity == Diagnostic::Severity::error;
}

} // namespace

std::string diagnostic_line(const Diagnostic& diagnostic)
{
    return diagnostic.where.full_text() + ": " + diagnostic.message;
}

Diagnostic unreadable_policy(const SystemError& error)
{
    Diagnostic diagnostic;
    diagnostic.where.file = error.on;
    diagnostic.message = "cannot be read: " + (error.detail.empty() ? errno_text(error.code) : error.detail);
    return diagnostic;
}

std::vector<LogRecord> policy_error_records(const std::vector<Diagnostic>& diagnostics, std::size_t suppressed)
{
    std::vector<LogRecord> records;
    std::size_t left = suppressed;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (!is_error(diagnostic))
            continue;
        if (records.size() < most_records)
            records.emplace_back(LogRecord::error,
                                 "policy error: " + diagnostic_line(diagnostic) + "; nothing is bound");
        else
            ++left;
    }
    if (left > 0)
        records.emplace_back(LogRecord::error, "policy error: " + std::to_string(left) + " more; nothing is bound");
    return records;
}

std::vector<Outcome> policy_error_outcomes(const std::vector<Diagnostic>& diagnostics)
{
    std::vector<Outcome> outcomes;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (!is_error(diagnostic))
            continue;
        Outcome outcome;
        outcome.kind = Outcome::Kind::refused;
        outcome.refusal = Refusal::policy;
        outcome.subject = "policy";
        outcome.detail = diagnostic_line(diagnostic) + "; nothing is bound";
        outcome.where = diagnostic.where;
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

Report report_of_dry_run(const Plan& plan)
{
    Report report;
    report.mode = plan.mode;
    report.outcomes = intended_outcomes(plan);
    report.warnings = plan.warnings;
    report.log = plan.log;
    if (plan.log == LogLevel::debug)
        for (const Step& step : plan.steps)
            report.notes.push_back(step.text());
    return report;
}

} // namespace vfio_early
