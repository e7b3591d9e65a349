// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_problems.hpp"

#include "early/model/printable.hpp"

#include <algorithm>
#include <utility>

namespace vfio_early {

namespace {

constexpr std::size_t longest_quoted = 60;

} // namespace

void Problems::error(Span where, std::string message, std::string hint, std::vector<MeantWords> meant)
{
    has_errors_ = true;
    insert({Diagnostic::Severity::error, where, std::move(message), std::move(hint), std::move(meant)});
}

void Problems::warning(Span where, std::string message, std::string hint)
{
    insert({Diagnostic::Severity::warning, where, std::move(message), std::move(hint)});
}

void Problems::insert(Problem problem)
{
    // Nearly always the last one. Not sorted afterwards: std::stable_sort would be 4 KiB of program.
    const auto column = [](const Problem& one) { return one.where.column; };
    problems_.insert(std::ranges::upper_bound(problems_, problem.where.column, {}, column), std::move(problem));
}

void DiagnosticCollector::add(const std::string& file, unsigned line, std::string_view source_line, Problems problems)
{
    for (auto& problem : problems.problems_) {
        add({problem.severity,
             {file, line, problem.where.column},
             problem.where.length,
             std::move(problem.message),
             std::string(source_line),
             std::move(problem.hint),
             std::move(problem.meant)});
    }
}

void DiagnosticCollector::add(Diagnostic diagnostic)
{
    if (diagnostics_.size() < max_diagnostics) {
        diagnostics_.push_back(std::move(diagnostic));
        return;
    }
    if (diagnostic.severity == Diagnostic::Severity::warning)
        return;
    const auto is_warning = [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::warning; };
    const auto last_warning = std::find_if(diagnostics_.rbegin(), diagnostics_.rend(), is_warning);
    if (last_warning == diagnostics_.rend()) {
        ++suppressed_;
        return;
    }
    diagnostics_.erase(std::next(last_warning).base());
    diagnostics_.push_back(std::move(diagnostic));
}

void DiagnosticCollector::move_to(ParsedPolicy& result)
{
    result.diagnostics = std::move(diagnostics_);
    result.suppressed = suppressed_;
}

std::string quoted(std::string_view text)
{
    const std::string_view shown = utf8_prefix(text, longest_quoted);
    return '\'' + std::string(shown) + (shown.size() < text.size() ? "...'" : "'");
}

} // namespace vfio_early
