// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/boot_request.hpp"
#include "early/model/selection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What the guards may look at.
struct GuardContext {
    const Matcher& matcher;
    const BootRequest& request;
    const std::vector<const ProtectStatement*>& protects; ///< the active ones, facts among them
};

/// Decides `candidate.driver` (driver=auto: the variant that the modules' vfio_pci: aliases name, else vfio-pci) and
/// asks every guard that looks at one function alone. The first that objects refuses the candidate.
void guard_function(Candidate& candidate, const GuardContext& context);

/// The same for a function that is to keep its native driver and to get virtual functions. `candidate.driver` is
/// theirs.
void guard_virtual_functions(Candidate& candidate, const GuardContext& context);

/// Refuses the display that the host would be left without, once it is known which displays are taken. True if anything
/// was refused.
bool guard_last_display(Selection& selection, const Machine& machine);

/// True for vfio-pci and its variants: the drivers whose probe needs an IOMMU group.
[[nodiscard]] bool is_vfio_driver(std::string_view driver);

/// "; allow=WORD overrules": how a refusal ends that a statement can overrule.
[[nodiscard]] std::string overruled_by(Refusal guard);

} // namespace vfio_early
