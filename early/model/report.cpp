// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/report.hpp"

#include <algorithm>
#include <iterator>

namespace vfio_early {

unsigned Report::count(Outcome::Kind kind) const
{
    return static_cast<unsigned>(std::ranges::count(outcomes, kind, &Outcome::kind));
}

int Report::exit_code() const
{
    return count(Outcome::Kind::refused) + count(Outcome::Kind::failed) == 0 ? 0 : 1;
}

std::vector<Outcome> refusals_of(const Plan& plan)
{
    std::vector<Outcome> outcomes;
    for (const RefusedFunction& refused : plan.refused) {
        Outcome outcome;
        outcome.kind = Outcome::Kind::refused;
        outcome.subject = refused.subject;
        outcome.id = refused.id;
        outcome.address = refused.address;
        outcome.refusal = refused.refusal;
        outcome.detail = refused.detail;
        outcome.where = refused.where;
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

std::string vfs_text(unsigned count)
{
    return std::to_string(count) + (count == 1 ? " virtual function" : " virtual functions");
}

Outcome outcome_of(Outcome::Kind kind, const Address& address, const Ids& ids)
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.subject = address.text();
    outcome.id = ids.id_text();
    outcome.address = address;
    return outcome;
}

Outcome kept_outcome(const PlannedVfs& vfs)
{
    Outcome outcome = outcome_of(Outcome::Kind::kept, vfs.address, vfs.ids);
    outcome.driver = vfs.native_driver;
    outcome.detail = vfs_text(vfs.count);
    outcome.where = vfs.where;
    return outcome;
}

Outcome bound_outcome(const PlannedFunction& function)
{
    Outcome outcome = outcome_of(Outcome::Kind::bound, function.address, function.ids);
    outcome.group = function.group;
    outcome.driver = function.driver;
    outcome.where = function.where;
    outcome.may_hold_root = function.may_hold_root;
    return outcome;
}

std::vector<Outcome> intended_outcomes(const Plan& plan)
{
    std::vector<Outcome> outcomes;
    std::ranges::transform(plan.functions, std::back_inserter(outcomes), bound_outcome);
    for (const PlannedVfs& vfs : plan.virtual_functions) {
        Outcome outcome = kept_outcome(vfs);
        outcome.detail = vfs_text(vfs.count) + " for " + vfs.driver;
        outcomes.push_back(std::move(outcome));
    }
    std::ranges::move(refusals_of(plan), std::back_inserter(outcomes));
    return outcomes;
}

} // namespace vfio_early
