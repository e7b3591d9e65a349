// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/trial_plan.hpp"

#include "early/commands/trial.hpp"

#include <utility>

namespace vfio_early {

TriedPlan put_on_trial(const Root& root, Plan plan, std::uint64_t policy, std::optional<unsigned> allowed, bool later,
                       const ModuleLoader& load)
{
    if (plan.functions.empty() && plan.virtual_functions.empty())
        return {std::move(plan), {}, {}};
    if (later) {
        if (root.exists(untried_path))
            plan = refuse_all(std::move(plan), Refusal::trial, "the policy was not tried in this boot");
        return {std::move(plan), {}, {}};
    }
    if (!allowed || !is_initramfs(root))
        return {std::move(plan), {}, {}};
    TrialAnswer answer = begin_trial(root, policy, *allowed, load, plan.timeout);
    if (!answer.bind) {
        plan = refuse_all(std::move(plan), Refusal::trial, answer.reason);
        if (const auto marked = root.replace_file(untried_path, ""); !marked)
            answer.warning = "functions that appear later are not kept back: " + marked.error().message();
    }
    return {std::move(plan), std::move(answer.warning), std::move(answer.note)};
}

} // namespace vfio_early
