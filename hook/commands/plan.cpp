// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/outlook.hpp"
#include "hook/listing/plan_text.hpp"
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
    line.parse();

    const Host host = line.open_host();
    const PolicyText policy = line.load_policy(host);
    if (!policy.ok())
        return exit_usage;
    if (policy.absent)
        print_notes({"there is no /etc/vfio-early.conf"}, console);
    const Outlook outlook =
        or_end(look_ahead(host.root, policy.parsed.policy, {.profiles = line.list("profile")}), console);
    print_notes(outlook.notes, console);

    if (line.has("json"))
        print_json(plan_json(outlook.plan), console);
    else
        console.out << plan_text(outlook.plan);
    return outlook.plan.refused.empty() ? exit_ok : exit_refused;
}

} // namespace vfio_early
