// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/scan.hpp"
#include "early/model/exit_codes.hpp"
#include "early/model/guard_rules.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/operands.hpp"
#include "hook/status/blocked_bars.hpp"
#include "hook/status/boot_report.hpp"
#include "hook/status/status_view.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <cerrno>
#include <ostream>

namespace vfio_early {

namespace {

/// Leaves the functions that the operands name. An error text if one names none of the report's.
std::expected<void, std::string> keep_named(std::vector<FunctionStatus>& functions,
                                            const std::vector<std::string>& operands)
{
    std::vector<AddressPattern> patterns;
    for (const std::string& operand : operands) {
        const auto pattern = parse_operand(operand);
        if (!pattern)
            return std::unexpected(operand + " is no address of a PCI function, such as 01:00.0");
        patterns.push_back(*pattern);
    }
    const auto names = [](const AddressPattern& pattern, const FunctionStatus& status) {
        return status.outcome.address && pattern.matches(*status.outcome.address);
    };
    for (const AddressPattern& pattern : patterns)
        if (std::ranges::none_of(functions, [&](const FunctionStatus& status) { return names(pattern, status); }))
            return std::unexpected("this boot had nothing to do with " + pattern.text);
    if (!patterns.empty()) {
        std::erase_if(functions, [&](const FunctionStatus& status) {
            return std::ranges::none_of(patterns,
                                        [&](const AddressPattern& pattern) { return names(pattern, status); });
        });
    }
    return {};
}

/// Opens what is bound as a virtual machine would, and maps its memory.
void open_functions(std::vector<FunctionStatus>& functions, const Root& root)
{
    for (FunctionStatus& status : functions) {
        const Outcome& outcome = status.outcome;
        if (status.state != FunctionStatus::State::ok || outcome.kind != Outcome::Kind::bound ||
            !is_vfio_driver(outcome.driver))
            continue;
        auto view = open_through_vfio(root, *outcome.address, outcome.group);
        if (view) {
            status.vfio = std::move(*view);
            const std::string device = "sys/bus/pci/devices/" + outcome.address->text();
            if (!status.vfio->blocked.empty()) {
                status.state = FunctionStatus::State::unusable;
                status.detail = blocked_bars_text(status.vfio->blocked, root.read(device + "/resource").value_or(""),
                                                  root.read("proc/iomem").value_or(""));
            }
        } else {
            status.state = FunctionStatus::State::unusable;
            status.detail = "cannot be opened: " + view.error().message();
        }
    }
}

} // namespace

int run_status(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] [ADDRESS...]",
        "Compares the boot's report with the machine as it is now, opens each bound function through VFIO and maps\n"
        "its memory, as a virtual machine would. Exit code 0 only if all (or all that ADDRESS names) is as the policy\n"
        "says and can be used, so that the start of a virtual machine can wait for it.");
    line.add_flag("no-open", "do not open the functions");
    line.add_reading_options();
    line.allow_operands(-1);
    line.parse();

    const Host host = line.open_host();
    auto report = read_report(host.root);
    if (!report) {
        report_error(report.error(), console);
        if (report.error().code == ENOENT)
            print_notes({"there is no report: vfio-early did not run in this boot"}, console);
        return exit_refused;
    }
    const Machine machine = or_end(scan_pci(host.root), console);

    StatusResult result;
    result.functions = compare_with_report(*report, machine);
    if (line.operands().empty())
        result.bound_since = bound_since(*report, machine);
    if (const auto kept = keep_named(result.functions, line.operands()); !kept) {
        console.err << "vfio-earlyctl: " << kept.error() << '\n';
        return exit_refused;
    }
    const bool ran = report->mode == BootRequest::Mode::normal;
    result.report = std::move(*report);
    if (ran && host.root.live() && !line.has("no-open"))
        open_functions(result.functions, host.root);
    if (line.has("json"))
        print_json(status_json(result), console);
    else
        print_status(result, console);
    return ran && all_is_well(result.functions) ? exit_ok : exit_refused;
}

} // namespace vfio_early
