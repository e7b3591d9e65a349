// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/proposal.hpp"

#include <algorithm>
#include <cerrno>

namespace vfio_early {

PolicyText load_policy_to_edit(const Root& root, const HostOptions& options)
{
    PolicyText policy = load_policy(root, options.policy);
    if (policy.unreadable && policy.unreadable->code == ENOENT) {
        policy = {};
        policy.absent = true;
    }
    return policy;
}

std::string policy_file_name(const HostOptions& options)
{
    return options.policy ? *options.policy : "/" + std::string(policy_path);
}

std::string text_of_file(const PolicyText& policy, const std::string& name)
{
    const auto found = std::ranges::find(policy.files, name, &PolicyFile::name);
    return found == policy.files.end() ? std::string() : found->text;
}

Result<Proposal> propose(const Root& root, const PolicyText& policy, const std::string& name, const std::string& text,
                         const OutlookOptions& options)
{
    Proposal proposal;
    proposal.policy.files = policy.files;
    auto& files = proposal.policy.files;
    const auto found = std::ranges::find(files, name, &PolicyFile::name);
    if (found != files.end())
        found->text = text;
    else
        files.insert(files.begin(), {.name = name, .text = text});
    proposal.policy.parsed = parse_policy(files);
    auto outlook = look_ahead(root, proposal.policy.ok() ? proposal.policy.parsed.policy : Policy{}, options);
    if (!outlook)
        return std::unexpected(outlook.error());
    proposal.outlook = std::move(*outlook);
    return proposal;
}

bool is_passing(Refusal refusal)
{
    return refusal == Refusal::no_iommu || refusal == Refusal::skipped || refusal == Refusal::driver_missing;
}

} // namespace vfio_early
