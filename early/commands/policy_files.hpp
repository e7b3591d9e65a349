// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"
#include "early/system/root.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

inline constexpr const char* policy_path = "etc/vfio-early.conf";
inline constexpr const char* drop_in_directory = "etc/vfio-early.conf.d";

/// The policy's files in the order in which they are parsed: the main file (or `policy`, which then
/// is the only one, and is a path of the caller's own file system, not of the root), then *.conf of the drop-in
/// directory in name order. Names are absolute ("/etc/vfio-early.conf"). A missing main file is an error (ENOENT)
/// unless a drop-in exists; a missing directory is not. A file that cannot be read, is no regular file, or is larger
/// than 1 MiB is an error.
[[nodiscard]] Result<std::vector<PolicyFile>> read_policy_files(const Root& root,
                                                                const std::optional<std::string>& policy = {});

} // namespace vfio_early
