// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"
#include "early/system/root.hpp"

#include <vector>

namespace vfio_early {

/// Below it the files of the last good policy lie under the names they have in the root.
inline constexpr const char* last_good_directory = "var/lib/vfio-early/last-good";

/// The policy that went into the last image made of a good one. ENOENT: there is none.
[[nodiscard]] Result<std::vector<PolicyFile>> read_last_good(const Root& root);

/// Keeps `files` as the last good policy, in place of the one before: wholly or not at all. Writes nothing where
/// the same is kept already.
[[nodiscard]] Result<void> keep_last_good(const Root& root, const std::vector<PolicyFile>& files);

} // namespace vfio_early
