// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/addition.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/edit/operands.hpp"
#include "hook/ui/report_error.hpp"

#include <ostream>
#include <sstream>

namespace vfio_early {

int run_add(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] ADDRESS...",
        "Adds lines to the policy that bind these functions, and only while they are what they are now: by the path\n"
        "from the root bus, the ids and the subsystem. Without --function the other functions of the same card come\n"
        "along. What a guard would refuse at boot is refused here, and nothing is written.");
    line.add_flag("function,f", "only the functions named, not their whole card");
    line.add_list_option("allow", "GUARD,...", "overrule these guards for these functions");
    line.add_option("driver", "NAME", "bind to this driver instead of vfio-pci");
    line.add_option("profile", "NAME", "write into this section of the policy");
    line.add_flag("dry-run,n", "show the change and write nothing");
    line.add_host_options();
    line.add_machine_option();
    line.allow_operands(-1);
    line.parse();
    if (line.has("machine") && !line.has("dry-run"))
        return line.usage_error("a recording cannot be written to; --dry-run shows the change");
    if (line.operands().empty())
        return line.usage_error("which function? `vfio-earlyctl list` shows them");
    const auto allow = read_allow(line.list("allow"));
    if (!allow)
        return line.usage_error(allow.error());

    const Host host = line.open_host();
    PolicyChange change = or_end(PolicyChange::begin(host.root, line.host_options(), line.has("dry-run")), console);
    const Added added = add_lines({.operands = line.operands(),
                                   .exact = line.has("function"),
                                   .allow = *allow,
                                   .driver = line.text("driver"),
                                   .profile = line.text("profile")},
                                  host, change, console);
    if (added.statements.empty())
        return exit_ok;
    std::ostringstream told;
    change.finish(host.root, console, told);
    if (line.has("dry-run"))
        return exit_ok;
    for (const std::string& statement : added.statements)
        console.out << change.main_name() << ": added " << printable(statement) << '\n';
    console.out << told.str() << next_step_text(host.root) << '\n';
    return exit_ok;
}

} // namespace vfio_early
