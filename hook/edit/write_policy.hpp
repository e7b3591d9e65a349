// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/host/host.hpp"

#include <string>

namespace vfio_early {

/// Replaces the file as a whole; what it held is kept beside it as PATH~. Its mode stays. Where PATH is a symbolic
/// link, the file that it leads to is replaced.
[[nodiscard]] Result<void> replace_with_backup(const Root& root, const std::string& path, std::string_view text);

/// A text file that a command is to change.
struct EditedFile {
    Root root;
    std::string path; ///< below `root`
    std::string name; ///< as the user would name it
    std::string text; ///< what it holds; empty if it does not exist
};

/// The file that policy lines are written to: the caller's own (--policy), or /etc/vfio-early.conf.
[[nodiscard]] Result<EditedFile> open_policy_file(const HostOptions& options);
/// Any file of the policy, by the name that read_policy_files() gives it.
[[nodiscard]] Result<EditedFile> open_policy_file(const HostOptions& options, const std::string& name);

} // namespace vfio_early
