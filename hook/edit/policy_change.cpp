// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/policy_change.hpp"

#include "early/model/exit_codes.hpp"
#include "hook/edit/unified_diff.hpp"
#include "hook/ui/printable_lines.hpp"
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
    auto outlook = look_ahead(root, proposal.policy.ok() ? proposal.policy.parsed.policy : Policy{}, options);
    if (!outlook)
        return std::unexpected(outlook.error());
    proposal.outlook = std::move(*outlook);
    return proposal;
}

std::expected<Proposal, int> PolicyChange::propose_or_tell(const Root& root, const OutlookOptions& options,
                                                           Console& console) const
{
    auto proposal = propose(root, options);
    if (!proposal)
        return std::unexpected(report_error(proposal.error(), console));
    print_diagnostics(proposal->policy, console);
    if (!proposal->policy.ok())
        return std::unexpected(exit_usage);
    return std::move(*proposal);
}

void PolicyChange::print_difference(Console& console) const
{
    for (const auto& [name, text] : changed_)
        console.out << printable_lines(unified_diff(name, text_of(policy_, name), text));
}

int PolicyChange::finish(const Root& root, Console& console, std::ostream& told)
{
    if (!main_) {
        print_difference(console);
        return exit_ok;
    }
    for (const auto& [name, text] : changed_) {
        const std::string before = text_of(policy_, name);
        std::optional<EditedFile> other;
        if (name != main_name_) {
            auto opened = open(root, name);
            if (!opened)
                return report_error(opened.error(), console);
            other.emplace(std::move(*opened));
        }
        EditedFile& file = other ? *other : *main_;
        if (file.text() != before)
            return report_error(
                {.doing = "change", .on = name, .code = 0, .detail = "an editor has changed it just now"}, console);
        const auto backup = file.replace(text);
        if (!backup)
            return report_error(backup.error(), console);
        if (const std::string where = file.backup_text(*backup); !where.empty())
            told << where << '\n';
    }
    return exit_ok;
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
