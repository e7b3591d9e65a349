// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace vfio_early::checks {

Findings groups_not_viable(const Survey& survey)
{
    std::map<unsigned, std::vector<const Function*>> groups; // of wanted functions
    for (const Function* function : survey.wanted)
        if (function->group)
            groups[*function->group].push_back(function);
    Findings findings;
    for (const auto& [number, wanted] : groups) {
        Finding finding{
            .id = "group-not-viable",
            .severity = Severity::error,
            .summary = fmt::format(
                "IOMMU group {} cannot be given to a virtual machine as long as the host drives others of its "
                "functions",
                number)};
        std::string others;
        for (const Function& function : survey.machine().functions) {
            if (function.group != number || is_bridge(function.ids, function.header_type) ||
                survey.wants(function.address))
                continue;
            const bool vfio = function.driver.find("vfio") != std::string::npos || function.driver == "pci-stub";
            if (function.driver.empty() || vfio)
                continue;
            finding.evidence.push_back(
                fmt::format("{} {} is driven by {}", function.address.text(), function.ids.id_text(), function.driver));
            others += " " + function.address.text();
        }
        if (finding.evidence.empty())
            continue;
        for (const Function* function : wanted)
            finding.evidence.push_back(
                fmt::format("{} {} is wanted", function->address.text(), function->ids.id_text()));
        const bool of_board =
            std::ranges::all_of(wanted, [](const Function* function) { return function->path.hops.empty(); });
        finding.remedy = {of_board ? "Leave it to the host: it is a part of the board, and no other slot helps, or"
                                   : "Put the card into a slot with a group of its own (one that hangs at the CPU), or",
                          "bind the rest of the group too, if the host can do without: vfio-earlyctl add" + others +
                              ", or",
                          "see whether a newer firmware offers ACS, which makes groups smaller."};
        findings.push_back(std::move(finding));
    }
    return findings;
}

} // namespace vfio_early::checks
