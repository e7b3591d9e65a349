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
/// Where a boot leaves the credentials that it has read to the running system. If some came encrypted, all are there
/// before it reads them (dracut/50vfio-early/vfio-early-credentials.service).
inline constexpr const char* kept_credentials = "run/vfio-early/credentials";

/// The policy's files in the order in which they are parsed: the main file (or `policy`, which then
/// is the only one, and is a path of the caller's own file system, not of the root), then *.conf of the drop-in
/// directory in name order. Names are absolute ("/etc/vfio-early.conf"). A missing main file is an error (ENOENT)
/// unless a drop-in or a credential exists; a missing directory is not. A file that cannot be read, is no regular file,
/// or is larger than 1 MiB is an error.
///
/// Last come the credentials vfio-early.conf and vfio-early.NAME.conf, in this order: those of `kept_credentials`, and
/// in an initramfs without that directory those that systemd was given for the boot (systemd.system-credentials(7)).
/// Their names are "credential:NAME". Whether one is any good is parse_policy()'s to say.
[[nodiscard]] Result<std::vector<PolicyFile>> read_policy_files(const Root& root,
                                                                const std::optional<std::string>& policy = {});

/// Leaves the credentials among `files` in `kept_credentials`.
[[nodiscard]] Result<void> keep_credentials(const Root& root, const std::vector<PolicyFile>& files);

} // namespace vfio_early
