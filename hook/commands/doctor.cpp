// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/doctor/doctor_view.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>

namespace vfio_early {

int run_doctor(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Looks for what keeps functions of this machine from virtual machines: each finding with what was seen and "
        "what\n"
        "to do. Nothing is changed. Exit code 1 if an error or a warning was found.");
    line.add_reading_options();
    if (const auto code = line.parse())
        return *code;

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    const auto survey = examine(*host, line.host_options(), load_policy(host->root, line.host_options().policy));
    if (!survey)
        return report_error(survey.error(), console);
    const std::vector<Finding> findings = find_findings(*survey);
    if (line.has("json"))
        print_json(findings_json(findings), console);
    else
        print_findings(findings, console);
    const auto is_info = [](const Finding& finding) { return finding.severity == Severity::info; };
    return std::ranges::all_of(findings, is_info) ? exit_ok : exit_refused;
}

} // namespace vfio_early
