// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/outlook.hpp"

#include "early/machine/module_catalog.hpp"
#include "early/machine/scan.hpp"
#include "early/model/guard_rules.hpp"
#include "early/model/text.hpp"
#include "hook/host/facts.hpp"
#include "hook/host/text_catalog.hpp"

#include <map>
#include <unistd.h>
#include <utility>

namespace vfio_early {

namespace {

/// Drivers of loadable modules have a link to the module, and the module says how far it is loaded; built-in code
/// has a directory in /sys/module at most (module_add_driver() in drivers/base/module.c; modinfo_initstate in
/// kernel/module/sysfs.c exists for loadable modules only).
bool is_loadable(const std::string& driver, const Root& root)
{
    const auto link = root.read_link("sys/bus/pci/drivers/" + driver + "/module");
    return link && root.exists("sys/module/" + std::string(base_name(*link)) + "/initstate");
}

BootRequest next_request(const Root& root, const OutlookOptions& options, std::vector<std::string>& notes)
{
    BootRequest request = parse_boot_request(root.read("proc/cmdline").value_or(""));
    if (request.mode != BootRequest::Mode::normal) {
        notes.emplace_back(request.mode == BootRequest::Mode::off
                               ? request.off_because + "; a boot without it is shown"
                               : "this boot was started with vfio_early=dry-run; a boot without it is shown");
        request.mode = BootRequest::Mode::normal;
    }
    request.profiles.insert(request.profiles.end(), options.profiles.begin(), options.profiles.end());
    return request;
}

void give_groups(Machine& machine)
{
    std::map<Address, unsigned> groups;
    for (Function& function : machine.functions)
        function.group = groups.try_emplace(function.address.slot(), groups.size()).first->second;
}

} // namespace

Machine before_modules(Machine machine, const Root& root)
{
    std::map<std::string, bool> loadable;
    for (Function& function : machine.functions) {
        function.driver_override.clear();
        function.vfs_enabled = 0;
        if (function.driver.empty())
            continue;
        const auto [known, first] = loadable.try_emplace(function.driver);
        if (first)
            known->second = is_loadable(function.driver, root);
        // vfio-pci, built in, has only what it is told to take, and that was this boot's doing.
        if (known->second || is_vfio_driver(function.driver))
            function.driver.clear();
    }
    return machine;
}

Result<Outlook> look_ahead(const Root& root, const Policy& policy, const OutlookOptions& options)
{
    auto machine = scan_pci(root, {.serials = needs_serials(policy), .vfs = true});
    if (!machine)
        return std::unexpected(machine.error());
    Outlook outlook;
    if (needs_serials(policy) && root.live() && ::geteuid() != 0)
        outlook.notes.emplace_back("only root may read serial numbers: what serial= names is not found");
    outlook.machine = std::move(*machine);
    if (options.assume_iommu && !outlook.machine.has_iommu())
        give_groups(outlook.machine);
    outlook.request = next_request(root, options, outlook.notes);
    outlook.modules = open_text_catalog(root, options.kernel);
    if (!outlook.modules)
        outlook.modules = open_module_catalog(root, options.kernel);
    Policy with_facts = policy;
    outlook.facts = collect_facts(root);
    const std::vector<PolicyFile> files{facts_file(outlook.facts)};
    Policy facts = parse_policy(files).policy;
    std::ranges::move(facts.protects, std::back_inserter(with_facts.protects));
    with_facts.facts = std::move(facts.facts);
    if (with_facts.facts)
        with_facts.facts->few_modules = false;
    outlook.plan = make_plan(with_facts, before_modules(outlook.machine, root), outlook.request, *outlook.modules);
    return outlook;
}

} // namespace vfio_early
