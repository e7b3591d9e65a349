// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/boot_request.hpp"
#include "early/needs/root_chain.hpp"
#include "early/system/root.hpp"

#include <string>

namespace vfio_early {

/// What the network is needed for at boot.
struct NetworkRoot {
    std::string reason; ///< "/ is on nfs"; empty: for nothing
    /// The root file system itself comes over it. False: the command line only asks for the network (ip=), as for
    /// a disk that is unlocked from afar.
    bool root_itself = false;
    NeededFunctions needed; ///< the network functions; empty while their drivers are not there yet
};

/// The network functions that the root file system comes over: / on NFS and the like, on iSCSI or NBD, or as nfsroot=,
/// netroot=, root=, ip= and BOOTIF= of the kernel command line ask. The interface is the one of BOOTIF=, the one that
/// ip= names, or the one that the route to the server takes; where nothing tells, every physical one that is up.
[[nodiscard]] NetworkRoot functions_behind_network_root(const Root& root, const BootRequest& request);

} // namespace vfio_early
