// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/image/image_contents.hpp"

#include "early/machine/module_catalog.hpp"
#include "hook/host/facts.hpp"
#include "hook/host/outlook.hpp"
#include "hook/listing/plan_view.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

/// The facts get a name of their own among the policy's files.
PolicyFile named_apart(PolicyFile facts, const std::vector<PolicyFile>& files)
{
    while (std::ranges::find(files, facts.name, &PolicyFile::name) != files.end())
        facts.name.insert(facts.name.rfind('/') + 1, "0");
    return facts;
}

std::string verdict(const Policy& policy, const Plan* plan)
{
    std::string text = summary_text(policy, plan);
    if (plan == nullptr)
        text += "; the machine cannot be seen from here";
    else if (!plan->refused.empty())
        text += " (vfio-earlyctl plan says why)";
    return text;
}

} // namespace

ImageContents image_contents(const Root& root, const ImagePolicy& policy, const std::string& release)
{
    ImageContents contents{.files = policy.files, .modules = {}, .warnings = policy.warnings, .verdict = {}};
    std::optional<Outlook> outlook;
    if (tells_of_its_machine(root))
        if (auto seen = look_ahead(root, policy.policy, {.kernel = release}))
            outlook.emplace(std::move(*seen));
    const Plan* const plan = outlook ? &outlook->plan : nullptr;
    const std::unique_ptr<ModuleCatalog> kernel =
        outlook ? std::move(outlook->modules) : open_module_catalog(root, release);
    Facts facts = outlook ? std::move(outlook->facts) : collect_facts(root);
    if (outlook)
        facts.image.natives = native_modules(outlook->machine, *kernel);
    if (!policy.policy.binds.empty() && !facts.left_out.empty())
        contents.warnings.push_back("the image knows nothing of its machine: " + facts.left_out);
    contents.modules = image_modules(policy.policy, plan, *kernel);
    contents.files.push_back(named_apart(facts_file(facts), policy.files));
    contents.verdict = verdict(policy.policy, plan);
    return contents;
}

} // namespace vfio_early
