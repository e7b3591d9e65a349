// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/this_boot.hpp"

#include "early/commands/trial.hpp"
#include "early/machine/scan.hpp"
#include "hook/status/boot_report.hpp"

#include <cerrno>

namespace vfio_early {

bool ThisBoot::ok() const
{
    return report && report->mode == BootRequest::Mode::normal && all_is_well(functions);
}

Result<ThisBoot> read_this_boot(const Root& root)
{
    ThisBoot boot;
    auto report = read_report(root);
    if (!report) {
        // No report is a fact worth telling; a broken one is none.
        if (report.error().code != ENOENT)
            return std::unexpected(report.error());
        return boot;
    }
    auto machine = scan_pci(root);
    if (!machine)
        return std::unexpected(machine.error());
    boot.functions = compare_with_report(*report, *machine);
    boot.report = std::move(*report);
    boot.trial = root.exists(trial_path);
    boot.now = std::move(*machine);
    return boot;
}

} // namespace vfio_early
