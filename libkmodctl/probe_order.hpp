// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace libkmodctl {

/// What one module wants besides itself, by name, '_' for '-'.
struct Wants {
    std::vector<std::string> dependencies; ///< in the order to insert them, theirs included
    std::vector<std::string> before;       ///< soft dependencies (`pre:`)
    std::vector<std::string> after;        ///< soft dependencies (`post:`)
};

struct ProbeStep {
    std::string module;
    bool required = true; ///< false for a soft dependency and what only soft dependencies need
};

/// The order in which modprobe(8) would insert `target` and all that it wants, each module once: the order of
/// kmod_module_probe_insert_module(), written out because that function hides the errors of soft dependencies
/// and runs `install` commands (or, told not to, forgets the soft dependencies). Ends on cycles too.
[[nodiscard]] std::vector<ProbeStep> probe_order(const std::string& target,
                                                 const std::function<Wants(const std::string&)>& wants_of);

} // namespace libkmodctl
