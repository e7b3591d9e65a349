// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/boot_request.hpp"
#include "early/model/driver_choice.hpp"
#include "early/model/selection.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What is known of where / is.
struct RootKnowledge {
    std::string unknown;                          ///< why nothing is known; empty: it was told
    std::vector<const ProtectStatement*> missing; ///< told, but not there now
};

/// `facts` null: nothing has to be told, all is known now.
[[nodiscard]] RootKnowledge root_knowledge(const Matcher& matcher, const std::vector<const ProtectStatement*>& protects,
                                           const SystemFacts* facts);

/// What the guards may look at.
struct GuardContext {
    const Matcher& matcher;
    const BootRequest& request;
    const std::vector<const ProtectStatement*>& protects; ///< the active ones, facts among them
    RootKnowledge root;
};

/// Decides `candidate.driver` and asks every guard that looks at one function alone. The first that objects refuses the
/// candidate. Where the policy overrules a guard for what / is on, or that is not known for certain and it could be on
/// the function or come over it, `candidate.may_hold_root` is set.
void guard_function(Candidate& candidate, const GuardContext& context);

/// The same for a function that is to keep its native driver and to get virtual functions. `candidate.driver` is
/// theirs. What the host needs the function for it goes on doing, so those guards do not object.
void guard_virtual_functions(Candidate& candidate, const GuardContext& context);

/// Refuses what would be in a group that is not viable: another member has a native driver, or will get one, or nobody
/// can know whether it will. True if anything was refused.
bool guard_groups(Selection& selection, const GuardContext& context);

/// Refuses the display that the host would be left without, and the network cards if it would be left without any, once
/// it is known what is taken. A card that has no driver, or that somebody else gives away, is none; a wireless one
/// counts only where there is no other: which network it is to join nobody may have said. True if anything was refused.
bool guard_last_of_kind(Selection& selection, const Matcher& matcher);

/// "; allow=WORD overrules": how a refusal ends that a statement can overrule.
[[nodiscard]] std::string overruled_by(Refusal guard);

} // namespace vfio_early
