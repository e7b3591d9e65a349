// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/model/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// The modules that would take a function without us.
struct NativeModules {
    std::vector<std::string> names; ///< best first, '_' for '-'
    /// False: nobody who could know was asked. The module tree of an image says only what the image has, so a function
    /// that it has no driver for may get one as soon as the real root is there.
    bool known = true;
};

/// Holds selectors against the functions of one machine. Answers that need libkmod are asked for once a function.
class Matcher {
public:
    /// `facts`: what the image step wrote down; null: nothing, and the catalog is the system's own tree.
    Matcher(const Machine& machine, const ModuleCatalog& modules, const SystemFacts* facts = nullptr);

    /// True if the function stands where the selector says; also when the selector says nothing of it.
    [[nodiscard]] static bool place_matches(const Selector& selector, const Function& function);
    /// True if the function is what the selector says; also when the selector says nothing of it.
    [[nodiscard]] bool identity_matches(const Selector& selector, const Function& function) const;
    [[nodiscard]] bool matches(const Selector& selector, const Function& function) const
    {
        return place_matches(selector, function) && identity_matches(selector, function);
    }

    /// The functions that match, in order of address.
    [[nodiscard]] std::vector<const Function*> find(const Selector& selector) const;

    /// True if the selector's place lies in one slot, so that its identity is a promise about that slot and not a
    /// filter.
    [[nodiscard]] static bool names_one_slot(const Selector& selector);

    /// What the function is instead of what the selector wants: "is 8086:10d3". Only for a function whose identity
    /// does not match.
    [[nodiscard]] std::string difference(const Selector& selector, const Function& function) const;

    [[nodiscard]] const NativeModules& native_modules(const Function& function) const;

    [[nodiscard]] const Machine& machine() const { return machine_; }
    [[nodiscard]] const ModuleCatalog& modules() const { return modules_; }

private:
    [[nodiscard]] bool is_native(const std::string& module, const Function& function) const;
    [[nodiscard]] NativeModules look_up(const std::string& modalias) const;

    const Machine& machine_;
    const ModuleCatalog& modules_;
    const SystemFacts* facts_;
    mutable std::vector<std::optional<NativeModules>> native_; ///< by index in machine_.functions
};

} // namespace vfio_early
