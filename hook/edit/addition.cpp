// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/addition.hpp"

#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/edit/operands.hpp"
#include "hook/edit/pin.hpp"
#include "hook/edit/policy_edit.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early {

namespace {

class Adder {
public:
    Adder(const Addition& addition, const Host& host, PolicyChange& change, Console& console)
        : addition_(addition), host_(host), change_(change), console_(console), names_(host.pci_ids)
    {
        if (!addition.profile.empty())
            options_.profiles = {addition.profile};
    }

    Added run()
    {
        print_diagnostics(change_.policy(), console_);
        if (!change_.policy().ok())
            throw CommandEnd(exit_usage);
        const Outlook today = or_end(look_ahead(host_.root, change_.policy().parsed.policy, options_), console_);
        const auto slots = find_functions(addition_.operands, today.machine, addition_.exact);
        if (!slots) {
            console_.err << "vfio-earlyctl: " << printable(slots.error()) << '\n';
            throw CommandEnd(exit_usage);
        }
        Added added;
        for (const auto& [slot, addresses] : *slots) {
            asked_.insert(addresses.begin(), addresses.end());
            if (!is_taken(today.plan, addresses))
                added.statements.push_back(write_lines(addresses, today.machine));
        }
        added.functions = asked_;
        added.proposal = change_.propose_or_end(host_.root, options_, console_);
        if (!added.statements.empty() && is_refused(added.proposal.outlook)) {
            console_.err << "Nothing was written. --allow GUARD overrules a guard that has such a word.\n";
            throw CommandEnd(exit_refused);
        }
        return added;
    }

private:
    bool is_taken(const Plan& plan, const std::set<Address>& addresses) const
    {
        const std::map<Address, Location> taken = taken_functions(plan);
        if (!std::ranges::all_of(addresses, [&](const Address& address) { return taken.contains(address); }))
            return false;
        for (const Address& address : addresses)
            console_.out << fmt::format("{} is taken already ({})\n", address.text(), location_text(taken.at(address)));
        return true;
    }

    /// The new statement.
    std::string write_lines(const std::set<Address>& addresses, const Machine& machine)
    {
        const Functions functions = functions_at(machine, addresses);
        BindStatement statement = pinned_statement(machine, functions);
        statement.allow = addition_.allow;
        if (!addition_.driver.empty())
            statement.driver = addition_.driver;
        const std::vector<std::string> lines = pinned_lines(statement, functions, names_);
        const std::string& name = change_.main_name();
        change_.set_text(name, with_lines_added(change_.text(name), addition_.profile, lines));
        return lines.back();
    }

    /// Prints why the boot would refuse the functions. Where the IOMMU is off, every function is refused for that
    /// alone; what else would refuse them at the first boot with an IOMMU is found by a plan as if there were one.
    bool is_refused(const Outlook& outlook)
    {
        bool refused = print_obstacles(outlook.plan, outlook.machine);
        refused = print_unplanned(outlook.plan, asked_, console_) || refused;
        if (outlook.machine.has_iommu())
            return refused;
        options_.assume_iommu = true;
        if (const auto then = change_.propose(host_.root, options_))
            refused = print_obstacles(then->outlook.plan, outlook.machine) || refused;
        print_notes({"which functions share an IOMMU group, and so go together, is known only once the IOMMU is on: "
                     "look at `vfio-earlyctl plan` then"},
                    console_);
        return refused;
    }

    /// Prints what the plan refuses of the functions; true if the lines cannot be written for it. What was said before
    /// is not said again.
    bool print_obstacles(const Plan& plan, const Machine& machine)
    {
        std::vector<RefusedFunction> ours;
        for (const RefusedFunction& refused : plan.refused)
            if (refused.address && asked_.contains(*refused.address) && told_.insert(refusal_text(refused)).second)
                ours.push_back(refused);
        // A driver that does not exist may come with the next kernel, but one that was just written is a slip.
        return print_refusals(ours, machine, names_, console_, [&](const RefusedFunction& refused) {
            return !is_passing(refused.refusal) ||
                   (refused.refusal == Refusal::driver_missing && !addition_.driver.empty());
        });
    }

    const Addition& addition_;
    const Host& host_;
    PolicyChange& change_;
    Console& console_;
    PciNames names_;
    OutlookOptions options_;
    std::set<Address> asked_;
    std::set<std::string> told_; ///< what print_obstacles() has said
};

} // namespace

Added add_lines(const Addition& addition, const Host& host, PolicyChange& change, Console& console)
{
    return Adder(addition, host, change, console).run();
}

} // namespace vfio_early
