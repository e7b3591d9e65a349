// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/wanted.hpp"

namespace vfio_early {

std::vector<const Function*> wanted_functions(const Outlook& outlook, const Imported& imported)
{
    std::set<Address> addresses;
    for (const PlannedFunction& planned : outlook.plan.functions)
        addresses.insert(planned.address);
    for (const RefusedFunction& refused : outlook.plan.refused) {
        const bool named = refused.refusal == Refusal::no_iommu || refused.refusal == Refusal::group;
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

} // namespace vfio_early
