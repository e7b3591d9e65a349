// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/commands/policy_files.hpp"
#include "hook/host/host.hpp"
#include "hook/ui/console.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// The policy as it was found.
struct PolicyText {
    std::vector<PolicyFile> files;
    ParsedPolicy parsed;
    std::optional<SystemError> unreadable; ///< the files could not be read; `parsed` is then empty
    bool absent = false;                   ///< there is no policy at all, which is no error: nothing is bound

    [[nodiscard]] bool ok() const { return !unreadable && parsed.ok(); }
    /// The files that lie on the system, without what came with this boot only.
    [[nodiscard]] std::vector<PolicyFile> own_files() const;
    /// What it does in a boot: with an error, nothing.
    [[nodiscard]] Policy effective() const { return ok() ? parsed.policy : Policy{}; }
};

/// Reads and parses the policy of `root`, or the caller's file `policy`.
[[nodiscard]] PolicyText load_policy(const Root& root, const std::optional<std::string>& policy);

/// Prints on the error stream what is wrong with it, as compilers do. Nothing if nothing is.
void print_diagnostics(const PolicyText& policy, Console& console);

} // namespace vfio_early
