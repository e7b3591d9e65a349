// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/model/report.hpp"
#include "hook/status/vfio_open.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// How one outcome of the boot stands now.
struct FunctionStatus {
    enum class State {
        ok,       ///< as the boot left it
        changed,  ///< bound or kept at boot, and no longer so
        refused,  ///< by the boot
        failed,   ///< by the boot
        unusable, ///< bound, but it cannot be opened, or its memory not be mapped
    };
    State state = State::ok;
    Outcome outcome;              ///< what the boot reported
    std::string driver;           ///< now; empty: none
    std::string detail;           ///< what is not as it should be
    std::optional<VfioView> vfio; ///< what opening it showed; nothing: it was not opened
};

/// Compares the boot's report with the machine as it is now. Pure.
[[nodiscard]] std::vector<FunctionStatus> compare_with_report(const Report& report, const Machine& now);

/// Functions that a driver for virtual machines has although the boot did not give them to it: "0000:05:00.0
/// (vfio-pci)".
[[nodiscard]] std::vector<std::string> bound_since(const Report& report, const Machine& now);

/// True if all is as the policy says, so that a virtual machine may start.
[[nodiscard]] bool all_is_well(const std::vector<FunctionStatus>& functions);

} // namespace vfio_early
