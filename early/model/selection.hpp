// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/matcher.hpp"
#include "early/model/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// One function that a statement asks for, before any guard has been asked.
struct Candidate {
    const Function* function = nullptr;
    const BindStatement* statement = nullptr;
    const Function* brought_by = nullptr; ///< the function whose `with=` brings this one along; null: named itself
    std::string driver{};                 ///< the driver it is to have, decided by choose_driver()
    bool may_hold_root = false;           ///< as in PlannedFunction
    std::string framebuffer{};            ///< as in PlannedFunction
    std::optional<RefusedFunction> refused{};

    [[nodiscard]] bool taken() const { return !refused; }
    void refuse(Refusal why, std::string detail);
};

/// What the statements of a policy ask for on this machine.
struct Selection {
    std::vector<Candidate> candidates;    ///< one a function, in order of address
    std::vector<RefusedFunction> refused; ///< statements that found nothing, or too much
    /// Functions that are to get virtual functions (vfs=), in order of address; none is among the candidates.
    std::vector<Candidate> virtual_functions;

    [[nodiscard]] Candidate* find(const Function& function);
};

/// True if a statement that takes `one` with this scope also takes `other`. Neither may be a bridge.
[[nodiscard]] bool are_companions(const Function& one, const Function& other, Scope scope);

/// Holds every statement against every function. Where two statements name one function, the one that names it itself
/// goes before one that brings it along; two that name it and disagree refuse it.
[[nodiscard]] Selection select(const std::vector<const BindStatement*>& statements, const Matcher& matcher);

} // namespace vfio_early
