// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include "hook/edit/pin.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/listing/plan_view.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early::checks {

Findings policy_missing(const Survey& survey)
{
    const Policy& policy = survey.policy.parsed.policy;
    if (!survey.policy.ok() || !policy.binds.empty())
        return {};
    return {{.id = "policy-empty",
             .severity = survey.wanted.empty() ? Severity::info : Severity::warning,
             .summary = "The policy binds nothing",
             .evidence = {survey.policy.absent ? "there is no /etc/vfio-early.conf"
                                               : "no bind statement in " + survey.policy_newest},
             .remedy = {survey.imported.blocks.empty()
                            ? "vfio-earlyctl list shows the functions, vfio-earlyctl add ADDRESS... names some."
                            : "vfio-earlyctl import --write takes over what other ways of binding name."}}};
}

Findings policy_wrong(const Survey& survey)
{
    if (survey.policy.ok())
        return {};
    Finding finding{.id = "policy-wrong",
                    .severity = Severity::error,
                    .summary =
                        "The policy has errors: images get the last good one, and a boot with this one binds nothing",
                    .remedy = {"vfio-earlyctl check shows each error with its place."}};
    if (survey.policy.unreadable)
        finding.evidence.push_back(survey.policy.unreadable->message());
    for (const Diagnostic& diagnostic : survey.policy.parsed.diagnostics)
        if (diagnostic.severity == Diagnostic::Severity::error)
            finding.evidence.push_back(diagnostic.where.full_text() + ": " + diagnostic.message);
    return {finding};
}

Findings refused_functions(const Survey& survey)
{
    Findings findings;
    for (const RefusedFunction& refused : survey.outlook.plan.refused) {
        if (refused.refusal == Refusal::no_iommu && !survey.boot.groups)
            continue; // told once for all of them
        if (refused.refusal == Refusal::group && !groups_not_viable(survey).empty())
            continue; // told with what can be done about it
        if (refused.refusal == Refusal::framebuffer && !survey.boot.has_word("initcall_blacklist=sysfb_init"))
            continue; // likewise: boot_parameters() asks for the word
        findings.push_back(
            {.id = "refused-" + std::string(refusal_word(refused.refusal)),
             .severity = is_passing(refused.refusal) ? Severity::warning : Severity::error,
             .summary = "The next boot leaves alone what the policy names: " + refusal_text(refused),
             .evidence = {location_text(refused.where)},
             .remedy = {"vfio-earlyctl plan shows the whole; the refusal words are explained in vfio-early(8)."}});
    }
    return findings;
}

Findings plan_warnings(const Survey& survey)
{
    Findings findings;
    for (const std::string& warning : survey.outlook.plan.warnings)
        findings.push_back({.id = "plan-warning", .severity = Severity::warning, .summary = warning});
    return findings;
}

Findings host_needs(const Survey& survey)
{
    Finding finding{.id = "host-needs",
                    .severity = Severity::info,
                    .summary = "Functions that the host itself needs are refused, unless a statement says allow="};
    const Matcher matcher(survey.machine(), *survey.outlook.modules);
    for (const ProtectStatement& fact : survey.outlook.facts.protects) {
        for (const Function& function : survey.machine().functions)
            if (matcher.matches(fact.selector, function))
                finding.evidence.push_back(fmt::format("{} {}: {}: {}", function.address.text(), function.ids.id_text(),
                                                       refusal_word(fact.guard), fact.because));
    }
    return finding.evidence.empty() ? Findings{} : Findings{finding};
}

} // namespace vfio_early::checks
