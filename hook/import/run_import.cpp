// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/run_import.hpp"

#include "early/model/text.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/import/system_files.hpp"

namespace vfio_early {

Imported import_lines(std::vector<SourceLine> lines, const Root& root, const Policy& policy, const Outlook& outlook,
                      const PciNames& names)
{
    const Matcher matcher(outlook.machine, *outlook.modules);
    ImportContext context{
        .matcher = matcher, .names = names, .host_name = host_name(root), .xen = runs_below_xen(root)};
    for (const auto& [address, where] : taken_functions(outlook.plan))
        context.covered.insert(address);
    for (const ModuleSetting& setting : policy.modules)
        for (const std::string_view option : split(setting.options, ' '))
            context.options[setting.module].emplace(option);
    return resolve_import(std::move(lines), context);
}

} // namespace vfio_early
