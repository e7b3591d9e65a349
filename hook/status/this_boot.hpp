// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/status/compare.hpp"

#include <optional>
#include <vector>

namespace vfio_early {

/// What the tools of operators are told of this boot.
struct ThisBoot {
    std::optional<Report> report;          ///< nothing: vfio-early did not run
    std::vector<FunctionStatus> functions; ///< held against the machine as it is now
    bool trial = false;                    ///< the policy of this boot is on trial
    Machine now;                           ///< empty where there is no report

    /// True if the boot ran as usual and all is as the policy says: what the exit code 0 of `status` means, but that no
    /// function is opened.
    [[nodiscard]] bool ok() const;
};

/// Reads the report and the machine. No report is a fact; errors: a broken report, or those of reading PCI functions.
[[nodiscard]] Result<ThisBoot> read_this_boot(const Root& root);

} // namespace vfio_early
