// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/printable.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/edit/operands.hpp"
#include "hook/edit/pin.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/edit/policy_edit.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/ui/command_line.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <sstream>

namespace vfio_early {

namespace {

/// Prints what the plan refuses of `slots`; true if something stands against the lines.
bool print_obstacles(const Plan& plan, const Slots& slots, bool driver_named, Console& console)
{
    bool against = false;
    for (const RefusedFunction& refused : plan.refused) {
        const auto slot = refused.address ? slots.find(refused.address->slot()) : slots.end();
        if (slot == slots.end() || !slot->second.contains(*refused.address))
            continue;
        // A driver that does not exist may come with the next kernel, but one that was just written is a slip.
        const bool slip = driver_named && refused.refusal == Refusal::driver_missing;
        const bool passing = is_passing(refused.refusal) && !slip;
        against = against || !passing;
        const std::string word = passing ? paint(console.colour_err, Style::yellow, "warning:")
                                         : paint(console.colour_err, Style::red, "error:");
        console.err << word << ' ' << printable(refusal_text(refused)) << '\n';
    }
    return against;
}

class AddCommand {
public:
    AddCommand(const CommandLine& line, Console& console) : line_(line), console_(console) {}

    int run()
    {
        const auto host = open_host(line_.host_options());
        if (!host)
            return report_error(host.error(), console_);
        const auto allow = read_allow(line_.list("allow"));
        if (!allow)
            return line_.usage_error(allow.error());
        auto change = PolicyChange::begin(host->root, line_.host_options(), line_.has("dry-run"));
        if (!change)
            return report_error(change.error(), console_);
        print_diagnostics(change->policy(), console_);
        if (!change->policy().ok())
            return exit_usage;
        const OutlookOptions options{.profiles = profiles(), .kernel = {}};
        const auto today = look_ahead(host->root, change->policy().parsed.policy, options);
        if (!today)
            return report_error(today.error(), console_);
        const auto slots = find_functions(line_.operands(), today->machine, line_.has("function"));
        if (!slots)
            return line_.usage_error(slots.error());

        const std::string& name = change->main_name();
        std::vector<std::string> added;
        std::set<Address> wanted;
        const PciNames names(host->pci_ids);
        for (const auto& [slot, addresses] : *slots) {
            if (is_taken(today->plan, addresses))
                continue;
            const std::vector<std::string> lines = lines_for(addresses, today->machine, *allow, names);
            change->set_text(name, with_lines_added(change->text(name), line_.text("profile"), lines));
            added.push_back(lines.back());
            wanted.insert(addresses.begin(), addresses.end());
        }
        if (added.empty())
            return exit_ok;
        const auto proposal = change->propose(host->root, options);
        if (!proposal)
            return report_error(proposal.error(), console_);
        print_diagnostics(proposal->policy, console_);
        if (!proposal->policy.ok())
            return exit_usage;
        const Plan& plan = proposal->outlook.plan;
        const bool against = print_obstacles(plan, *slots, line_.has("driver"), console_);
        if (print_unplanned(plan, wanted, console_) || against) {
            console_.err << "Nothing was written. --allow GUARD overrules a guard that has such a word.\n";
            return exit_refused;
        }
        return finish(*host, *change, added);
    }

private:
    std::vector<std::string> profiles() const
    {
        return line_.has("profile") ? std::vector{line_.text("profile")} : std::vector<std::string>();
    }

    bool is_taken(const Plan& plan, const std::set<Address>& addresses) const
    {
        const auto planned = [&](const Address& address) {
            return std::ranges::find(plan.functions, address, &PlannedFunction::address);
        };
        if (!std::ranges::all_of(addresses,
                                 [&](const Address& address) { return planned(address) != plan.functions.end(); }))
            return false;
        for (const Address& address : addresses)
            console_.out << fmt::format("{} is taken already ({})\n", address.text(),
                                        place_text(planned(address)->where));
        return true;
    }

    std::vector<std::string> lines_for(const std::set<Address>& addresses, const Machine& machine,
                                       const RefusalSet& allow, const PciNames& names) const
    {
        Functions functions;
        for (const Address& address : addresses)
            functions.push_back(machine.find(address));
        BindStatement statement = pinned_statement(machine, functions);
        statement.allow = allow;
        if (line_.has("driver"))
            statement.driver = line_.text("driver");
        return pinned_lines(statement, functions, names);
    }

    int finish(const Host& host, PolicyChange& change, const std::vector<std::string>& added)
    {
        std::ostringstream told;
        if (const int code = change.finish(host.root, console_, told); code != exit_ok || line_.has("dry-run"))
            return code;
        for (const std::string& line : added)
            console_.out << change.main_name() << ": added " << printable(line) << '\n';
        console_.out << told.str() << next_step_text(host.root) << '\n';
        return exit_ok;
    }

    const CommandLine& line_;
    Console& console_;
};

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
    return AddCommand(line, invocation.console).run();
}

} // namespace vfio_early
