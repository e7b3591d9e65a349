// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/policy_change.hpp"

#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/edit/pin.hpp"
#include "hook/edit/unified_diff.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

std::string text_of(const PolicyText& policy, const std::string& name)
{
    const auto found = std::ranges::find(policy.files, name, &PolicyFile::name);
    return found == policy.files.end() ? std::string() : found->text;
}

} // namespace

Result<EditedFile> PolicyChange::open(const Root& root, const std::string& name) const
{
    if (!own_file_)
        return EditedFile::open(root, name.substr(1));
    // A file of the caller's, wherever that is, and wherever links lead from it.
    const auto system = Root::open("/");
    if (!system)
        return std::unexpected(system.error());
    return EditedFile::open(*system, std::filesystem::absolute(*own_file_).lexically_normal().string().substr(1));
}

Result<PolicyChange> PolicyChange::begin(const Root& root, const HostOptions& options, bool trial)
{
    PolicyChange change;
    change.own_file_ = options.policy;
    change.main_name_ = options.policy.value_or("/" + std::string(policy_path));
    if (!trial) {
        auto file = change.open(root, change.main_name_);
        if (!file)
            return std::unexpected(file.error());
        change.main_.emplace(std::move(*file));
    }
    change.policy_ = load_policy(root, options.policy);
    if (change.policy_.unreadable && change.policy_.unreadable->code == ENOENT) {
        change.policy_ = {};
        change.policy_.absent = true;
    }
    return change;
}

std::string PolicyChange::text(const std::string& name) const
{
    const auto changed = changed_.find(name);
    return changed != changed_.end() ? changed->second : text_of(policy_, name);
}

Result<Proposal> PolicyChange::propose(const Root& root, const OutlookOptions& options) const
{
    Proposal proposal;
    auto& files = proposal.policy.files;
    files = policy_.files;
    for (const auto& [name, text] : changed_) {
        const auto found = std::ranges::find(files, name, &PolicyFile::name);
        if (found != files.end())
            found->text = text;
        else
            files.insert(files.begin(), {.name = name, .text = text});
    }
    proposal.policy.parsed = parse_policy(files);
    auto outlook = look_ahead(root, proposal.policy.effective(), options);
    if (!outlook)
        return std::unexpected(outlook.error());
    proposal.outlook = std::move(*outlook);
    return proposal;
}

Proposal PolicyChange::propose_or_end(const Root& root, const OutlookOptions& options, Console& console) const
{
    Proposal proposal = or_end(propose(root, options), console);
    print_diagnostics(proposal.policy, console);
    if (!proposal.policy.ok())
        throw CommandEnd(exit_usage);
    return proposal;
}

void PolicyChange::print_difference(Console& console) const
{
    for (const auto& [name, text] : changed_)
        console.out << printable_lines(unified_diff(name, text_of(policy_, name), text));
}

void PolicyChange::finish(const Root& root, Console& console, std::ostream& told)
{
    if (!main_)
        return print_difference(console);
    for (const auto& [name, text] : changed_) {
        std::optional<EditedFile> other;
        if (name != main_name_)
            other.emplace(or_end(open(root, name), console));
        EditedFile& file = other ? *other : *main_;
        if (file.text() != text_of(policy_, name))
            or_end<void>(system_error("change", name, 0, "an editor has changed it just now"), console);
        if (const std::string where = file.backup_text(or_end(file.replace(text), console)); !where.empty())
            told << where << '\n';
    }
}

std::set<Address> unplanned(const Plan& plan, const std::set<Address>& wanted)
{
    std::set<Address> missing = wanted;
    for (const PlannedFunction& planned : plan.functions)
        missing.erase(planned.address);
    for (const RefusedFunction& refused : plan.refused)
        if (refused.address)
            missing.erase(*refused.address);
    return missing;
}

bool print_unplanned(const Plan& plan, const std::set<Address>& wanted, Console& console)
{
    const std::set<Address> missing = unplanned(plan, wanted);
    for (const Address& address : missing)
        console.err << fmt::format("{} {} would not be bound by the new line\n",
                                   paint(console.colour_err, Style::red, "error:"), address.text());
    return !missing.empty();
}

bool print_refusals(std::span<const RefusedFunction> refused, const Machine& machine, const PciNames& names,
                    Console& console, const std::function<bool(const RefusedFunction&)>& is_error)
{
    bool errors = false;
    std::set<unsigned> groups;
    for (const RefusedFunction& one : refused) {
        const bool error = is_error(one);
        errors = errors || error;
        console.err << paint(console.colour_err, error ? Style::red : Style::yellow, error ? "error:" : "warning:")
                    << ' ' << printable(refusal_text(one)) << '\n';
        const Function* function = one.address ? machine.find(*one.address) : nullptr;
        if (one.refusal == Refusal::group && function != nullptr && function->group)
            groups.insert(*function->group);
    }
    for (const unsigned group : groups)
        print_notes({group_text(machine, group, names)}, console);
    return errors;
}

std::map<Address, Location> taken_functions(const Plan& plan)
{
    std::map<Address, Location> taken;
    for (const PlannedFunction& planned : plan.functions)
        taken.emplace(planned.address, planned.where);
    for (const RefusedFunction& refused : plan.refused)
        if (refused.address && is_passing(refused.refusal) && !refused.virtual_functions)
            taken.emplace(*refused.address, refused.where);
    return taken;
}

bool is_passing(Refusal refusal)
{
    return refusal == Refusal::no_iommu || refusal == Refusal::skipped || refusal == Refusal::driver_missing;
}

} // namespace vfio_early
