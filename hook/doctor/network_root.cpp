// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early::checks {

namespace {

/// The word by which the kernel command line says that the root file system comes over the network: nfsroot= and
/// root=/dev/nfs (Documentation/admin-guide/nfs/nfsroot.rst), netroot= and root=PROTOCOL: (dracut.cmdline(7)),
/// nbdroot=.
std::string network_word(const BootFacts& facts)
{
    for (const std::string& word : facts.words)
        for (const char* start : {"root=/dev/nfs", "nfsroot=", "netroot=", "root=nfs",
                                  "root=iscsi:", "root=nbd:", "root=fcoe:", "nbdroot=", "iscsi_target_name="})
            if (word.starts_with(start))
                return word;
    return {};
}

} // namespace

Findings network_root(const Survey& survey)
{
    constexpr std::uint8_t network = 0x02;
    const std::string word = network_word(survey.boot);
    const bool known = std::ranges::any_of(
        survey.outlook.facts.protects, [](const ProtectStatement& fact) { return fact.guard == Refusal::root_nic; });
    if (word.empty() || known)
        return {};
    std::vector<const Function*> cards;
    for (const Function& function : survey.machine().functions)
        if (function.ids.base_class() == network && !function.virtual_function)
            cards.push_back(&function);
    if (cards.empty())
        return {};
    const bool wanted = std::ranges::any_of(cards, [&](const Function* card) { return survey.wants(card->address); });
    Finding finding{.id = "root-over-network",
                    .severity = wanted ? Severity::warning : Severity::info,
                    .summary = cards.size() == 1
                                   ? fmt::format("{} carries the root file system", cards.front()->address.text())
                                   : "The root file system comes over one of the network cards",
                    .evidence = {"kernel command line: " + word}};
    for (const Function* card : cards)
        finding.evidence.push_back(fmt::format("{} {} is {}", card->address.text(), card->ids.id_text(),
                                               cards.size() == 1 ? "the only network card" : "a network card"));
    if (wanted)
        finding.remedy.push_back("Leave that card to the host: without it the boot does not reach its root.");
    return {finding};
}

} // namespace vfio_early::checks
