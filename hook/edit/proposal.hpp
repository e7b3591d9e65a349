// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/edit/write_policy.hpp"
#include "hook/host/outlook.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/ui/console.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// The policy, to which lines are to be added: a file of the caller's (--policy) that does not exist yet is an empty
/// one.
[[nodiscard]] PolicyText load_policy_to_edit(const Root& root, const HostOptions& options);

/// The name of the file that lines are added to, as a policy's files have it.
[[nodiscard]] std::string policy_file_name(const HostOptions& options);
/// What that file of the policy holds; empty if it does not exist.
[[nodiscard]] std::string text_of_file(const PolicyText& policy, const std::string& name);

/// The policy as it would be with another text in one of its files, and what it would do.
struct Proposal {
    PolicyText policy;
    Outlook outlook;
};

/// Puts `text` in place of the file `name` (which may be new), parses the whole and plans. Fails if PCI cannot be seen.
[[nodiscard]] Result<Proposal> propose(const Root& root, const PolicyText& policy, const std::string& name,
                                       const std::string& text, const OutlookOptions& options);

/// True for refusals that say nothing against a policy line: they end when the machine or the boot is another.
[[nodiscard]] bool is_passing(Refusal refusal);

} // namespace vfio_early
