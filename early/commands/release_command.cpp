// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/release_command.hpp"

#include "early/act/deadline_kernel.hpp"
#include "early/act/release.hpp"
#include "early/act/sysfs_kernel.hpp"
#include "early/machine/module_catalog.hpp"
#include "early/machine/scan.hpp"
#include "early/model/boot_request.hpp"
#include "early/tell/kernel_log.hpp"
#include "early/tell/report_file.hpp"

#include <algorithm>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr int all_done = 0;
constexpr int not_all_done = 1;
constexpr int wrong_input = 2;

int usage_error(const std::string& text)
{
    const std::string line = "vfio-early: " + text + "\n";
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) {
        // Nobody listens.
    }
    return wrong_input;
}

/// The addresses that were named and are not among the releases: the user expects something of them.
std::vector<LogRecord> complaints(const Options& options, const std::vector<Release>& releases)
{
    std::vector<LogRecord> records;
    for (const Address& address : options.addresses) {
        const bool chosen =
            std::ranges::any_of(releases, [&](const Release& release) { return release.function->address == address; });
        if (!chosen)
            records.push_back({4, "vfio-early: " + address.text() + " release: vfio-early does not have it"});
    }
    return records;
}

} // namespace

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
        write_kernel_log(*root, {{3, "vfio-early: release: " + machine.error().message()}});
        return not_all_done;
    }
    const Report report = read_report(*root).value_or(Report());
    const std::vector<Release> releases = choose_releases(*machine, report, options);
    const std::vector<LogRecord> refused = complaints(options, releases);
    write_kernel_log(*root, refused);
    if (releases.empty())
        return refused.empty() ? all_done : not_all_done;
    if (!reason.empty())
        write_kernel_log(*root, {{4, "vfio-early: " + reason}});

    const BootRequest request = parse_boot_request(root->read("proc/cmdline").value_or(""));
    const auto modules = open_module_catalog(*root);
    SysfsKernel kernel(directories, request.blacklist);
    DeadlineKernel limited(kernel, Policy().timeout);
    const ReleaseResult result = options.pins ? unpin_functions(releases, report, limited)
                                              : release_functions(releases, report, limited, *modules);
    write_kernel_log(*root, result.records);
    if (options.pins)
        return result.complete && refused.empty() ? all_done : not_all_done; // the report stays as it is
    if (const auto written = write_report(*root, result.report); !written)
        write_kernel_log(*root, {{4, "vfio-early: report: " + written.error().message()}});
    return result.complete && refused.empty() ? all_done : not_all_done;
}

} // namespace vfio_early
