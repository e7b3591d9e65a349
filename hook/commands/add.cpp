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

namespace {

int add(const CommandLine& line, Console& console)
{
    const auto allow = read_allow(line.list("allow"));
    if (!allow)
        return line.usage_error(allow.error());
    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    auto change = PolicyChange::begin(host->root, line.host_options(), line.has("dry-run"));
    if (!change)
        return report_error(change.error(), console);
    const auto added = add_lines({.operands = line.operands(),
                                  .exact = line.has("function"),
                                  .allow = *allow,
                                  .driver = line.text("driver"),
                                  .profile = line.text("profile")},
                                 *host, *change, console);
    if (!added)
        return added.error();
    if (added->statements.empty())
        return exit_ok;
    std::ostringstream told;
    if (const int code = change->finish(host->root, console, told); code != exit_ok || line.has("dry-run"))
        return code;
    for (const std::string& statement : added->statements)
        console.out << change->main_name() << ": added " << printable(statement) << '\n';
    console.out << told.str() << next_step_text(host->root) << '\n';
    return exit_ok;
}

} // namespace

int run_add(const Invocation& invocation)
{
    namespace po = boost::program_options;
    CommandLine line(
        invocation, "[OPTION...] ADDRESS...",
        "Adds lines to the policy that bind these functions, and only while they are what they are now: by the way "
        "from\n"
        "the root bus, the ids and the subsystem. Without --function the other functions of the same card come along.\n"
        "What a guard would refuse at boot is refused here, and nothing is written.");
    line.options().add_options()("function,f", "only the functions named, not their whole card")(
        "allow", po::value<std::vector<std::string>>()->value_name("GUARD,..."),
        "overrule these guards for these functions")("driver", po::value<std::string>()->value_name("NAME"),
                                                     "bind to this driver instead of vfio-pci")(
        "profile", po::value<std::string>()->value_name("NAME"),
        "write into this section of the policy")("dry-run,n", "show the change and write nothing");
    line.add_host_options();
    line.allow_operands(-1);
    if (const auto code = line.parse())
        return *code;
    if (line.operands().empty())
        return line.usage_error("which function? `vfio-earlyctl list` shows them");
    return add(line, invocation.console);
}

} // namespace vfio_early
