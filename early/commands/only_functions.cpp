// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/only_functions.hpp"

#include <algorithm>

namespace vfio_early {

Plan keep_only(Plan plan, std::span<const Address> functions)
{
    const auto other = [&](const auto& part) { return std::ranges::find(functions, part.address) == functions.end(); };
    const std::vector<PlannedFunction> all = plan.functions;
    std::erase_if(plan.functions, other);
    std::erase_if(plan.virtual_functions, other);
    std::erase_if(plan.refused, [&](const RefusedFunction& refused) {
        return !refused.address || std::ranges::find(functions, *refused.address) == functions.end();
    });
    // Not the drivers of others; vfio's own modules serve all.
    const auto is_driver_of = [](const std::string& module) {
        return [&](const PlannedFunction& function) { return function.driver == module; };
    };
    std::erase_if(plan.steps, [&](const Step& step) {
        if (step.kind == Step::Kind::load)
            return plan.functions.empty() || (std::ranges::any_of(all, is_driver_of(step.subject)) &&
                                              std::ranges::none_of(plan.functions, is_driver_of(step.subject)));
        return step.address && std::ranges::find(functions, *step.address) == functions.end();
    });
    plan.overrules_ids = false;
    return plan;
}

Plan keep_virtual_functions(Plan plan)
{
    plan.functions.clear();
    plan.steps.clear();
    plan.overrules_ids = false;
    std::erase_if(plan.refused, [](const RefusedFunction& refused) { return !refused.virtual_functions; });
    return plan;
}

} // namespace vfio_early
