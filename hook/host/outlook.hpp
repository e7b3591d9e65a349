// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "hook/host/facts.hpp"
#include "hook/host/host.hpp"

#include <memory>
#include <string>
#include <vector>

namespace vfio_early {

/// What the next boot will do with a policy on the machine as it is.
struct Outlook {
    Machine machine; ///< as it is now
    BootRequest request;
    std::unique_ptr<ModuleCatalog> modules;
    Facts facts;                    ///< as they go into the plan, and into an image
    Plan plan;                      ///< of the next boot
    std::vector<std::string> notes; ///< what the reader should know of how this was found
};

struct OutlookOptions {
    std::vector<std::string> profiles{}; ///< besides those of the kernel command line
    std::string kernel{};                ///< release; empty: the running one
    bool assume_iommu = false;           ///< where there is none: as if each slot had a group of its own
};

/// Scans the machine, adds what is known of it to the policy (facts.hpp), sees it as the next boot will, and plans. The
/// kernel command line is taken as it is, but for vfio_early=off and =dry-run, which people give for one boot. Fails if
/// PCI cannot be seen.
[[nodiscard]] Result<Outlook> look_ahead(const Root& root, const Policy& policy, const OutlookOptions& options = {});

/// The machine as it is before any driver module was loaded: no function has a driver but those whose driver is
/// built into the kernel, nothing is pinned, and no virtual functions are enabled.
[[nodiscard]] Machine before_modules(Machine machine, const Root& root);

} // namespace vfio_early
