// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/release_command.hpp"

#include "early/act/limited_kernel.hpp"
#include "early/act/sysfs_kernel.hpp"
#include "early/machine/module_catalog.hpp"
#include "early/machine/scan.hpp"
#include "early/model/boot_request.hpp"
#include "early/model/exit_codes.hpp"
#include "early/needs/boot_command_line.hpp"
#include "early/tell/kernel_log.hpp"
#include "early/tell/report_lines.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

int usage_error(const std::string& text)
{
    tell_caller(text);
    return exit_usage;
}

bool is_wanted(const Function& function, const Taken& taken, const Options& options)
{
    return options.all || options.pins || (options.storage && can_hold_disks(function.ids)) ||
           (options.network && is_network(function.ids)) || (options.root_holders && taken.may_hold_root) ||
           std::ranges::find(options.addresses, function.address) != options.addresses.end();
}

/// The addresses that were named and are not among the releases: the user expects something of them.
std::vector<LogRecord> complaints(const Options& options, const std::vector<Release>& releases)
{
    std::vector<LogRecord> records;
    for (const Address& address : options.addresses) {
        const bool chosen =
            std::ranges::any_of(releases, [&](const Release& release) { return release.function->address == address; });
        if (!chosen)
            records.emplace_back(LogRecord::warning, address.text() + " release: vfio-early does not have it");
    }
    return records;
}

} // namespace

std::vector<Release> choose_releases(const Machine& machine, const std::map<Address, Taken>& taken,
                                     const Options& options)
{
    std::vector<Release> releases;
    for (const auto& [address, how] : taken)
        if (const Function* function = machine.find(address); function != nullptr && is_wanted(*function, how, options))
            releases.push_back({function, how});
    return releases;
}

int run_release(const Options& options, const std::string& reason)
{
    const auto root = Root::open(options.root);
    if (!root)
        return usage_error(root.error().message());
    if (!root->live())
        return usage_error("--root " + options.root + " is not the running machine: nothing can be released there");
    PciDirectories directories(*root);
    const auto machine = scan_pci(directories);
    if (!machine) {
        write_kernel_log(*root, {{LogRecord::error, "release: " + machine.error().message()}});
        return exit_refused;
    }
    const std::vector<Release> releases = choose_releases(*machine, read_taken(*root), options);
    const std::vector<LogRecord> refused = complaints(options, releases);
    write_kernel_log(*root, refused);
    if (releases.empty())
        return refused.empty() ? exit_ok : exit_refused;
    if (!reason.empty())
        write_kernel_log(*root, {{LogRecord::warning, reason}});

    const BootRequest request = parse_boot_request(boot_command_line(*root).value_or(""));
    const auto modules = open_module_catalog(*root);
    SysfsKernel kernel(directories, request.blacklist);
    ReleaseResult result;
    run_with_limit(kernel, Policy().timeout, [&](Kernel& limited) {
        result = options.pins ? unpin_functions(releases, limited) : release_functions(releases, limited, *modules);
    });
    write_kernel_log(*root, result.records);
    const int code = result.complete && refused.empty() ? exit_ok : exit_refused;
    if (options.pins)
        return code; // the functions stay ours until the reboot
    for (const auto& written :
         {remember_taken(*root, result.report, false), add_to_report(*root, result.report, "release")})
        if (!written)
            write_kernel_log(*root, {{LogRecord::warning, "release: " + written.error().message()}});
    return code;
}

} // namespace vfio_early
