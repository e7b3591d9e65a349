// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/only_functions.hpp"

#include <algorithm>

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

} // namespace vfio_early
