// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <memory>
#include <optional>
#include <string>

namespace vfio_early {

/// Where a command is told to look.
struct HostOptions {
    std::string root = "/";
    std::optional<std::string> policy;  ///< a file of the caller's, not below `root`
    std::optional<std::string> machine; ///< a recording: a directory, or a file made by `snapshot`
};

/// The machine a command speaks of: the one it runs on, or a recorded one.
struct Host {
    std::shared_ptr<void> unpacked; ///< keeps a recording's temporary directory until the end
    Root root;
    /// pci.ids of that root; empty: the one of this system.
    std::string pci_ids;
};

} // namespace vfio_early
