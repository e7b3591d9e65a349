// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/only_functions.hpp"

#include <algorithm>
#include <iterator>

namespace vfio_early {

Plan keep_only(Plan plan, std::span<const Address> functions)
{
    const auto other = [&](const auto& part) { return std::ranges::find(functions, part.address) == functions.end(); };
    std::erase_if(plan.functions, other);
    std::erase_if(plan.virtual_functions, other);
    std::erase_if(plan.refused, [&](const RefusedFunction& refused) {
        return !refused.address || std::ranges::find(functions, *refused.address) == functions.end();
    });
    std::erase_if(plan.steps, [&](const Step& step) {
        if (step.kind == Step::Kind::load)
            return plan.functions.empty();
        return step.address && std::ranges::find(functions, *step.address) == functions.end();
    });
    return plan;
}

Plan keep_virtual_functions(Plan plan)
{
    plan.functions.clear();
    plan.steps.clear();
    std::erase_if(plan.refused, [](const RefusedFunction& refused) { return !refused.virtual_functions; });
    return plan;
}

Report merge_reports(Report boot, Report newer)
{
    for (Outcome& outcome : newer.outcomes) {
        // The statement found nothing when the machine booted, and now it has.
        std::erase_if(boot.outcomes, [&](const Outcome& known) {
            return known.refusal == Refusal::missing && !known.address && outcome.address &&
                   known.where == outcome.where;
        });
        const auto same = std::ranges::find_if(boot.outcomes, [&](const Outcome& known) {
            return outcome.address ? known.address == outcome.address : known.subject == outcome.subject;
        });
        if (same == boot.outcomes.end())
            boot.outcomes.push_back(std::move(outcome));
        else
            *same = std::move(outcome);
    }
    std::ranges::move(newer.warnings, std::back_inserter(boot.warnings));
    std::ranges::move(newer.notes, std::back_inserter(boot.notes));
    return boot;
}

} // namespace vfio_early
