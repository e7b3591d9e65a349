// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include "hook/import/module_words.hpp"

#include <algorithm>

namespace vfio_early::checks {

namespace {

std::string change_step(const Survey& survey, const ParameterChange& change)
{
    const std::string verb = change.add ? "Add it" : "Remove it";
    if (survey.boot_loader.files.empty() && survey.boot_loader.drop_in.empty())
        return verb + " where this machine's kernel command line is made; vfio-earlyctl boot-params tells more.";
    return verb + ": vfio-earlyctl boot-params shows where, and --apply does it.";
}

} // namespace

Findings boot_parameters(const Survey& survey)
{
    Findings findings;
    for (const ParameterChange& change : boot_changes(survey.boot, survey.wanted)) {
        // iommu_off_in_kernel() reports what keeps the IOMMU off altogether.
        if (change.required && !survey.boot.groups)
            continue;
        Finding finding{.id = change.required ? (change.add ? "parameter-missing" : "parameter-harmful")
                                              : "parameter-useless",
                        .severity = change.required ? Severity::error : Severity::warning,
                        .summary = std::string("The kernel command line ") + (change.add ? "lacks " : "has ") +
                                   change.word + ": " + change.why};
        for (const SourceLine& line : survey.imported.lines)
            if (line.text == change.word)
                finding.evidence.push_back(line.location() + ": " + change.word);
        finding.remedy.push_back(change_step(survey, change));
        findings.push_back(std::move(finding));
    }
    return findings;
}

Findings acs_override(const Survey& survey)
{
    const auto word = std::ranges::find_if(
        survey.boot.words, [](const std::string& text) { return text.starts_with("pcie_acs_override="); });
    if (word == survey.boot.words.end())
        return {};
    return {
        {.id = "acs-override",
         .severity = Severity::warning,
         .summary = "pcie_acs_override= makes groups look separate that the hardware does not separate",
         .evidence = {"kernel command line: " + *word,
                      "the kernels of distributions do not know the word and ignore it"},
         .remedy = {"With a kernel that has the patch: a virtual machine may reach the memory of the host's functions "
                    "in the same true group. Use another slot, or give the whole group away (with=group)."}}};
}

Findings ids_on_command_line(const Survey& survey)
{
    Findings findings;
    for (const SourceLine& line : survey.imported.lines) {
        if (line.file.find("modprobe.d") != std::string::npos || line.wishes.empty() || !is_ids_word(line.text))
            continue;
        findings.push_back(
            {.id = "ids-on-command-line",
             .severity = Severity::warning,
             .summary =
                 "The kernel command line makes a module take every function of some ids, whatever the policy says",
             .evidence = {line.location() + ": " + line.text},
             .remedy = {"vfio-earlyctl import --write, unless the policy has the functions already",
                        "vfio-earlyctl boot-params --apply then takes the word away."}});
    }
    return findings;
}

} // namespace vfio_early::checks
