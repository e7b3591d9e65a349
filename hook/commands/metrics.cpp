// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/fleet/write_for_reader.hpp"
#include "hook/status/metrics_text.hpp"
#include "hook/ui/report_error.hpp"

#include <ostream>

namespace vfio_early {

int run_metrics(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Prints what vfio-early did in this boot and how it stands now, in the text format of Prometheus.\n"
        "Opens no function. vfio-early-metrics.service writes it for the textfile collector of\n"
        "node_exporter, where that has its directory.");
    line.add_option("out", "FILE", "write FILE as a whole instead, so that nobody reads half of it");
    line.add_root_option();
    line.add_machine_option();
    line.parse();
    const Host host = line.open_host();
    const std::string text = metrics_text(or_end(read_this_boot(host.root), console));
    if (line.has("out"))
        or_end(write_for_reader(line.text("out"), text), console);
    else
        console.out << text;
    return exit_ok;
}

} // namespace vfio_early
