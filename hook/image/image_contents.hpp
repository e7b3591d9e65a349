// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/image/image_modules.hpp"
#include "hook/image/image_policy.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What an image gets besides the program and what starts it.
struct ImageContents {
    std::vector<PolicyFile> files;     ///< the policy's, and the facts under a name of their own
    ImageModules modules;              ///< of the kernel
    std::vector<std::string> warnings; ///< one line each; not about `modules`
    std::string verdict;               ///< "policy with 1 statement: 2 functions will be bound"
};

/// Asks the machine, for an image of the kernel `release` (empty: the running one). Never fails: what cannot be found
/// out is left out, and told.
[[nodiscard]] ImageContents image_contents(const Root& root, const ImagePolicy& policy, const std::string& release);

} // namespace vfio_early
