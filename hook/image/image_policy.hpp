// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/host/policy_text.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// The policy that goes into an image: never one with an error.
struct ImagePolicy {
    std::vector<PolicyFile> files; ///< named as in the image; the first is /etc/vfio-early.conf
    Policy policy{};
    std::vector<std::string> warnings{};
};

/// Takes `found` if it is good; else the last good one; else one that binds nothing. Writes nothing. `override`:
/// `found` came from --policy.
[[nodiscard]] ImagePolicy image_policy(const Root& root, const PolicyText& found, bool override);

/// The same, and keeps `found` as the last good one if that is what was taken, unless it came from --policy.
[[nodiscard]] ImagePolicy choose_image_policy(const Root& root, const PolicyText& found, bool override);

} // namespace vfio_early
