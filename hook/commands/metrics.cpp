// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/trial.hpp"
#include "early/machine/scan.hpp"
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/status/boot_report.hpp"
#include "hook/status/metrics_text.hpp"
#include "hook/ui/report_error.hpp"

#include <cerrno>
#include <filesystem>
#include <ostream>

namespace vfio_early {

namespace {

Result<BootMetrics> measure(const Root& root)
{
    BootMetrics metrics;
    auto report = read_report(root);
    if (!report) {
        // No report is a fact worth telling; a broken one is none.
        if (report.error().code != ENOENT)
            return std::unexpected(report.error());
        return metrics;
    }
    const auto machine = scan_pci(root);
    if (!machine)
        return std::unexpected(machine.error());
    metrics.functions = compare_with_report(*report, *machine);
    metrics.report = std::move(*report);
    metrics.trial = root.exists(trial_path);
    return metrics;
}

/// Not into a directory that is not there: whoever collects would never look into it.
Result<void> write_for_collector(const std::filesystem::path& file, const std::string& text)
{
    const auto directory = Root::open(file.has_parent_path() ? file.parent_path().string() : ".");
    if (!directory)
        return std::unexpected(directory.error());
    return directory->replace_file(file.filename().string(), text);
}

} // namespace

int run_metrics(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Prints what vfio-early did in this boot and how it stands now, in the text format of Prometheus.\n"
        "Opens no function. vfio-early-metrics.service writes it for the textfile collector of\n"
        "node_exporter, where that has its directory.");
    line.add_option("out", "FILE", "write FILE as a whole instead, so that nobody reads half of it");
    line.add_option("root", "DIR", "look at the file system below DIR instead of /");
    line.add_machine_option();
    line.parse();
    const Host host = line.open_host();
    const std::string text = metrics_text(or_end(measure(host.root), console));
    if (line.has("out"))
        or_end(write_for_collector(line.text("out"), text), console);
    else
        console.out << text;
    return exit_ok;
}

} // namespace vfio_early
