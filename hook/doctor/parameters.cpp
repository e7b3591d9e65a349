// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early::checks {

namespace {

/// The files and lines in which a word stands.
std::vector<std::string> places_of(const Case& the_case, const std::string& word)
{
    std::vector<std::string> places;
    for (const SourceLine& line : the_case.imported.lines)
        if (line.text == word)
            places.push_back(line.place());
    return places;
}

std::string change_step(const Case& the_case, const ParameterChange& change)
{
    const std::string verb = change.add ? "Add it" : "Remove it";
    if (the_case.place.files.empty() && the_case.place.drop_in.empty())
        return verb + " where this machine's kernel command line is made; vfio-earlyctl boot-params tells more.";
    return verb + ": vfio-earlyctl boot-params shows where, and --apply does it.";
}

bool is_vfio_ids(const SourceLine& line)
{
    const std::string name = normal_module_name(line.text.substr(0, line.text.find('=')));
    return !line.wishes.empty() && (name == "vfio_pci.ids" || name == "pci_stub.ids");
}

} // namespace

Findings boot_parameters(const Case& the_case)
{
    Findings findings;
    for (const ParameterChange& change : boot_changes(the_case.boot, the_case.wanted)) {
        // What keeps the IOMMU off altogether is told by iommu_off_in_kernel().
        if (change.required && !the_case.boot.groups)
            continue;
        Finding finding{
            .id = change.required ? (change.add ? "parameter-missing" : "parameter-harmful") : "parameter-useless",
            .severity = change.required ? Severity::error : Severity::warning,
            .summary = (change.add ? "The kernel command line lacks " : "The kernel command line has ") + change.word,
            .evidence = {},
            .remedy = {}};
        finding.summary += ": " + change.why;
        for (const std::string& place : places_of(the_case, change.word))
            finding.evidence.push_back(place + ": " + change.word);
        finding.remedy.push_back(change_step(the_case, change));
        findings.push_back(std::move(finding));
    }
    return findings;
}

Findings acs_override(const Case& the_case)
{
    const auto word = std::ranges::find_if(
        the_case.boot.words, [](const std::string& text) { return text.starts_with("pcie_acs_override="); });
    if (word == the_case.boot.words.end())
        return {};
    return {
        {.id = "acs-override",
         .severity = Severity::warning,
         .summary = "pcie_acs_override= makes groups look separate that the hardware does not separate",
         .evidence = {"kernel command line: " + *word,
                      "the kernels of distributions do not know the word and ignore it"},
         .remedy = {"With a kernel that has the patch: a virtual machine may reach the memory of the host's functions "
                    "in the same "
                    "true group. Use another slot, or give the whole group away (with=group)."}}};
}

Findings ids_on_command_line(const Case& the_case)
{
    Findings findings;
    for (const SourceLine& line : the_case.imported.lines) {
        if (line.file.find("modprobe.d") != std::string::npos || !is_vfio_ids(line))
            continue;
        findings.push_back(
            {.id = "ids-on-command-line",
             .severity = Severity::warning,
             .summary =
                 "The kernel command line makes a module take every function of some ids, whatever the policy says",
             .evidence = {line.place() + ": " + line.text},
             .remedy = {"vfio-earlyctl import --write, unless the policy has the functions already",
                        "vfio-earlyctl boot-params --apply then takes the word away."}});
    }
    return findings;
}

} // namespace vfio_early::checks
