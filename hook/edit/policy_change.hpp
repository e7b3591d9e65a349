// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/edit/edited_file.hpp"
#include "hook/host/outlook.hpp"
#include "hook/host/pci_names.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/ui/console.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace vfio_early {

/// The policy as it would be, and what it would do.
struct Proposal {
    PolicyText policy;
    Outlook outlook;
};

/// The one way to edit the policy: begin() locks and reads, set_text() changes, propose() parses the whole and plans,
/// finish() writes. Between begin() and the end no other run of the tool changes it.
class PolicyChange {
public:
    /// Locks and reads the policy: the caller's file (--policy), or that of the root with its drop-ins. A file that
    /// does not exist is an empty one. A `trial` will write nothing and locks nothing. What is wrong with the text is
    /// in policy(). Errors: those of EditedFile::open().
    [[nodiscard]] static Result<PolicyChange> begin(const Root& root, const HostOptions& options, bool trial);

    [[nodiscard]] const PolicyText& policy() const { return policy_; }
    /// The name of the file that lines are added to.
    [[nodiscard]] const std::string& main_name() const { return main_name_; }
    /// The text of one of the policy's files as it is to be; empty if there is none of that name.
    [[nodiscard]] std::string text(const std::string& name) const;
    void set_text(const std::string& name, std::string text) { changed_[name] = std::move(text); }

    /// Parses the policy as it is to be, and plans. Fails if PCI cannot be seen.
    [[nodiscard]] Result<Proposal> propose(const Root& root, const OutlookOptions& options) const;
    /// The same, and prints what is wrong with it. Ends the command where it cannot be planned, and where the policy
    /// would have an error.
    [[nodiscard]] Proposal propose_or_end(const Root& root, const OutlookOptions& options, Console& console) const;

    /// Shows what has changed on `out`.
    void print_difference(Console& console) const;

    /// Writes what has changed, and says on `told` where the old text is; a trial shows the difference on `out`
    /// instead. Ends the command where a file cannot be written.
    void finish(const Root& root, Console& console, std::ostream& told);

private:
    /// Where a file of the policy is on disk.
    [[nodiscard]] Result<EditedFile> open(const Root& root, const std::string& name) const;

    PolicyText policy_;
    std::string main_name_;
    std::optional<std::string> own_file_;        ///< --policy
    std::optional<EditedFile> main_;             ///< the lock; nothing in a trial
    std::map<std::string, std::string> changed_; ///< by name
};

/// The functions of `wanted` that the plan neither binds nor refuses: a line for them does nothing.
[[nodiscard]] std::set<Address> unplanned(const Plan& plan, const std::set<Address>& wanted);
/// Says of each that it would not be bound, as an error; true if there is one.
bool print_unplanned(const Plan& plan, const std::set<Address>& wanted, Console& console);

/// Prints what is refused, as errors where `is_error` says so and warnings elsewhere, and for each IOMMU group that is
/// the reason what is in it. True if there was an error.
bool print_refusals(std::span<const RefusedFunction> refused, const Machine& machine, const PciNames& names,
                    Console& console, const std::function<bool(const RefusedFunction&)>& is_error);

/// The functions that statements take, and which: those that the plan binds, and those that it would bind if a refusal
/// that passes were over.
[[nodiscard]] std::map<Address, Location> taken_functions(const Plan& plan);

/// True for refusals that do not make a policy line wrong: they end with another boot, firmware setting or kernel.
[[nodiscard]] bool is_passing(Refusal refusal);

} // namespace vfio_early
