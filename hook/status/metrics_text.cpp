// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/metrics_text.hpp"

#include "early/model/printable.hpp"
#include "early/tell/report_lines.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace vfio_early {

namespace {

using namespace report_words;

constexpr std::array<std::string_view, 7> outcomes{"bound",   "kept",       "refused",   "failed",
                                                   "changed", "would-bind", "would-keep"};

std::string metric(std::string_view name, std::string_view help)
{
    return fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
}

/// The value of a label: a file's name may hold what would end it, or what no terminal should see.
std::string label_value(std::string_view text)
{
    std::string escaped;
    for (const char letter : printable(text)) {
        if (letter == '\\' || letter == '"')
            escaped += '\\';
        escaped += letter;
    }
    return escaped;
}

std::string function_line(const FunctionStatus& status, BootRequest::Mode mode)
{
    const Outcome& outcome = status.outcome;
    return fmt::format("vfio_early_function_info{{address=\"{}\",id=\"{}\",driver=\"{}\",outcome=\"{}\",refusal=\"{}\","
                       "statement=\"{}\"}} 1\n",
                       outcome.address ? outcome.address->text() : "", label_value(outcome.id),
                       label_value(status.driver), outcome_now(status, mode),
                       outcome.refusal ? refusal_word(*outcome.refusal) : "",
                       outcome.where.line != 0 ? label_value(outcome.where.short_text()) : "");
}

} // namespace

std::string_view outcome_now(const FunctionStatus& status, BootRequest::Mode mode)
{
    const Outcome::Kind kind = status.outcome.kind;
    if (mode != BootRequest::Mode::normal)
        return word_of(intended_kinds, kind);
    return status.state == FunctionStatus::State::changed ? "changed" : word_of(kinds, kind);
}

std::string metrics_text(const ThisBoot& boot)
{
    std::string text =
        metric("vfio_early_function_info",
               "A PCI function that the policy names: who drives it now, how it stands, and why it was refused.");
    const BootRequest::Mode mode = boot.report ? boot.report->mode : BootRequest::Mode::normal;
    // Two errors of the policy in one line would be the same series.
    std::set<std::string> lines;
    for (const FunctionStatus& status : boot.functions)
        lines.insert(function_line(status, mode));
    for (const std::string& line : lines)
        text += line;

    text += metric("vfio_early_functions", "Functions by how they stand now.");
    for (const std::string_view outcome : outcomes)
        text += fmt::format("vfio_early_functions{{outcome=\"{}\"}} {}\n", outcome,
                            std::ranges::count_if(boot.functions, [&](const FunctionStatus& status) {
                                return outcome_now(status, mode) == outcome;
                            }));
    text += metric("vfio_early_policy_functions",
                   "What the policy of this boot names: functions, and statements that found none.");
    text += fmt::format("vfio_early_policy_functions {}\n", boot.functions.size());

    using Seconds = std::chrono::duration<double>;
    text += metric("vfio_early_bind_duration_seconds", "How long vfio-early took at boot.");
    text += fmt::format("vfio_early_bind_duration_seconds {}\n",
                        boot.report ? Seconds(boot.report->duration).count() : 0.0);
    text += metric("vfio_early_trial_active", "1 while the policy of this boot is on trial.");
    text += fmt::format("vfio_early_trial_active {}\n", boot.trial ? 1 : 0);
    text += metric("vfio_early_boot_mode_info", "What vfio-early did in this boot: normal, dry-run, off, or none.");
    text += fmt::format("vfio_early_boot_mode_info{{mode=\"{}\"}} 1\n",
                        boot.report ? word_of(modes, boot.report->mode) : "none");
    return text;
}

} // namespace vfio_early
