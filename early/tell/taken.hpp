// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/report.hpp"
#include "early/system/root.hpp"

#include <map>
#include <string>

namespace vfio_early {

/// Which functions vfio-early has taken and not given back: all that release and recover may touch. A line for each,
/// "0000:01:00.0 vfio-pci root vfio-early.conf:2"; the driver is for people; `root` where / may be on it, else `-`. A
/// later line takes the place of an earlier one, and one without a driver says that the function was given back.
inline constexpr const char* taken_path = "run/vfio-early/taken";

struct Taken {
    bool may_hold_root = false; ///< as in PlannedFunction
    std::string where;          ///< the statement, as Location::short_text() has it
};

/// Empty where nothing was taken, or the file cannot be read: then nothing is ours.
[[nodiscard]] std::map<Address, Taken> read_taken(const Root& root);

/// Remembers what a run took or gave back. `boot`: nothing that was known before holds any more.
[[nodiscard]] Result<void> remember_taken(const Root& root, const Report& report, bool boot);

} // namespace vfio_early
