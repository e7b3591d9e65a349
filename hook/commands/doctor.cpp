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
        "Looks for what keeps functions of this machine from virtual machines: each finding with what was seen and\n"
        "what to do. Nothing is changed. Exit code 1 if an error or a warning was found.");
    line.add_reading_options();
    line.parse();

    const Host host = line.open_host();
    const HostOptions options = line.host_options();
    const std::vector<Finding> findings =
        find_findings(or_end(examine(host, options, load_policy(host.root, options.policy)), console));
    if (line.has("json"))
        print_json(findings_json(findings), console);
    else
        print_findings(findings, console);
    const auto is_info = [](const Finding& finding) { return finding.severity == Severity::info; };
    return std::ranges::all_of(findings, is_info) ? exit_ok : exit_refused;
}

} // namespace vfio_early
