// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/outlook.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <ostream>

namespace vfio_early {

int run_plan(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Prints what the next boot will do with the policy, step by step, and what it refuses and why. Nothing is\n"
        "done. Exit code 1 if something is refused.");
    line.add_profile_option();
    line.add_reading_options();
    if (const auto code = line.parse())
        return *code;

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    const PolicyText policy = load_policy(host->root, line.host_options().policy);
    print_diagnostics(policy, console);
    if (!policy.ok())
        return exit_usage;
    if (policy.absent)
        print_notes({"there is no /etc/vfio-early.conf"}, console);
    const auto outlook = look_ahead(host->root, policy.parsed.policy, {.profiles = line.list("profile"), .kernel = {}});
    if (!outlook)
        return report_error(outlook.error(), console);
    print_notes(outlook->notes, console);

    if (line.has("json"))
        print_json(plan_json(outlook->plan), console);
    else
        console.out << outlook->plan.text();
    return outlook->plan.refused.empty() ? exit_ok : exit_refused;
}

} // namespace vfio_early
