// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/edit/pin.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/edit/policy_edit.hpp"
#include "hook/edit/removal.hpp"
#include "hook/ui/report_error.hpp"

#include <fmt/format.h>
#include <map>
#include <set>
#include <sstream>

namespace vfio_early {

namespace {

/// Takes the statements out of their texts. What was taken, for the user.
std::string remove_statements(const Removal& removal, PolicyChange& change)
{
    std::map<std::string, std::set<unsigned>> by_file;
    for (const Location& where : removal.statements)
        by_file[where.file].insert(where.line);
    std::string told;
    for (const auto& [name, numbers] : by_file) {
        change.set_text(name, without_statements(change.text(name), numbers));
        for (const unsigned number : numbers)
            told += fmt::format("{}:{}: removed\n", name, number);
    }
    return told;
}

/// What other statements still bring along is no mistake, but not what one expects.
void print_still_taken(const Plan& plan, const std::set<Address>& gone, Console& console)
{
    for (const PlannedFunction& planned : plan.functions)
        if (gone.contains(planned.address))
            print_notes({planned.address.text() + " is still taken (" + location_text(planned.where) + ")"}, console);
}

} // namespace

int run_remove(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] ADDRESS|PATH...",
        "Removes the statements that take these functions and nothing else; a card is taken whole, as by `add`.\n"
        "What takes more is named and left alone. A function that is no longer there can be named by the path of the\n"
        "statement.");
    line.add_flag("dry-run,n", "show the change and write nothing");
    line.add_host_options();
    line.add_machine_option();
    line.allow_operands(-1);
    line.parse();
    if (line.has("machine") && !line.has("dry-run"))
        return line.usage_error("a recording cannot be written to; --dry-run shows the change");
    if (line.operands().empty())
        return line.usage_error("which function? `vfio-earlyctl list` shows what the policy takes");

    const Host host = line.open_host();
    PolicyChange change = or_end(PolicyChange::begin(host.root, line.host_options(), line.has("dry-run")), console);
    const PolicyText& policy = change.policy();
    print_diagnostics(policy, console);
    if (!policy.ok())
        return exit_usage;
    const Outlook outlook = or_end(look_ahead(host.root, policy.parsed.policy), console);

    const Matcher matcher(outlook.machine, *outlook.modules);
    const Removal removal = find_removal(policy.parsed.policy, policy.files, matcher, line.operands());
    for (const std::string& problem : removal.problems)
        console.err << "vfio-earlyctl: " << printable(problem) << '\n';
    if (!removal.problems.empty()) {
        console.err << "Nothing was removed.\n";
        return exit_refused;
    }
    print_notes(removal.notes, console);
    const std::string removed = remove_statements(removal, change);
    const Proposal proposal = change.propose_or_end(host.root, {}, console);
    print_still_taken(proposal.outlook.plan, removal.functions, console);
    std::ostringstream told;
    change.finish(host.root, console, told);
    if (!line.has("dry-run"))
        console.out << removed << told.str() << next_step_text(host.root) << '\n';
    return exit_ok;
}

} // namespace vfio_early
