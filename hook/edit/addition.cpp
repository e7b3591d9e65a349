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

    std::expected<Added, int> run()
    {
        print_diagnostics(change_.policy(), console_);
        if (!change_.policy().ok())
            return std::unexpected(exit_usage);
        const auto today = look_ahead(host_.root, change_.policy().parsed.policy, options_);
        if (!today)
            return std::unexpected(report_error(today.error(), console_));
        const auto slots = find_functions(addition_.operands, today->machine, addition_.exact);
        if (!slots) {
            console_.err << "vfio-earlyctl: " << printable(slots.error()) << '\n';
            return std::unexpected(exit_usage);
        }
        Added added;
        for (const auto& [slot, addresses] : *slots) {
            asked_.insert(addresses.begin(), addresses.end());
            if (!is_taken(today->plan, addresses))
                added.statements.push_back(write_lines(addresses, today->machine));
        }
        auto proposal = change_.propose_or_tell(host_.root, options_, console_);
        if (!proposal)
            return std::unexpected(proposal.error());
        added.functions = asked_;
        added.proposal = std::move(*proposal);
        if (!added.statements.empty() && is_refused(added.proposal.outlook)) {
            console_.err << "Nothing was written. --allow GUARD overrules a guard that has such a word.\n";
            return std::unexpected(exit_refused);
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
        Functions functions;
        for (const Address& address : addresses)
            functions.push_back(machine.find(address));
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

    /// Prints what the plan refuses of the functions; true if something stands against the lines.
    bool print_obstacles(const Plan& plan, const Machine& machine)
    {
        bool against = false;
        std::set<unsigned> groups;
        for (const RefusedFunction& refused : plan.refused) {
            if (!refused.address || !asked_.contains(*refused.address))
                continue;
            // A driver that does not exist may come with the next kernel, but one that was just written is a slip.
            const bool slip = !addition_.driver.empty() && refused.refusal == Refusal::driver_missing;
            const bool passing = is_passing(refused.refusal) && !slip;
            against = against || !passing;
            const std::string word = passing ? paint(console_.colour_err, Style::yellow, "warning:")
                                             : paint(console_.colour_err, Style::red, "error:");
            console_.err << word << ' ' << printable(refusal_text(refused)) << '\n';
            const Function* function = machine.find(*refused.address);
            if (refused.refusal == Refusal::group && function != nullptr && function->group)
                groups.insert(*function->group);
        }
        for (const unsigned group : groups)
            print_notes({group_text(machine, group, names_)}, console_);
        return against;
    }

    const Addition& addition_;
    const Host& host_;
    PolicyChange& change_;
    Console& console_;
    PciNames names_;
    OutlookOptions options_;
    std::set<Address> asked_;
};

} // namespace

std::expected<Added, int> add_lines(const Addition& addition, const Host& host, PolicyChange& change, Console& console)
{
    return Adder(addition, host, change, console).run();
}

} // namespace vfio_early
