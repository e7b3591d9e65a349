// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/boot_params/wanted.hpp"

#include "hook/import/module_words.hpp"

#include <algorithm>

namespace vfio_early {

std::vector<const Function*> wanted_functions(const Outlook& outlook, const Imported& imported)
{
    std::set<Address> addresses;
    for (const PlannedFunction& planned : outlook.plan.functions)
        addresses.insert(planned.address);
    for (const RefusedFunction& refused : outlook.plan.refused) {
        const bool named = refused.refusal == Refusal::no_iommu || refused.refusal == Refusal::group ||
                           refused.refusal == Refusal::framebuffer;
        if (named && refused.address)
            addresses.insert(*refused.address);
    }
    for (const PolicyBlock& block : imported.blocks)
        addresses.insert(block.functions.begin(), block.functions.end());
    std::vector<const Function*> functions;
    for (const Address& address : addresses)
        if (const Function* function = outlook.machine.find(address))
            functions.push_back(function);
    return functions;
}

std::vector<ParameterChange> needless_ids(const Imported& imported)
{
    std::vector<ParameterChange> changes;
    const auto binds = [](const PolicyBlock& block) { return !block.functions.empty(); };
    if (std::ranges::any_of(imported.blocks, binds))
        return changes;
    for (const SourceLine& line : imported.lines)
        if (line.fate == LineFate::remove && is_ids_word(line.text) &&
            std::ranges::find(changes, line.text, &ParameterChange::word) == changes.end())
            changes.push_back({.add = false,
                               .word = line.text,
                               .required = false,
                               .why = "the policy names the functions themselves"});
    return changes;
}

} // namespace vfio_early
