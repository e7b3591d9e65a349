// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/fleet/journal_entries.hpp"
#include "hook/fleet/journal_send.hpp"
#include "hook/ui/report_error.hpp"

#include <ostream>

namespace vfio_early {

int run_journal(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Sends the verdict on this boot to the journal, and each refusal and failure, with fields and with the ids of\n"
        "messages that the catalog explains: journalctl -x -t vfio-early. vfio-early-journal.service runs it, once a\n"
        "boot. Without a journal nothing is sent.");
    line.add_flag("dry-run,n", "print the fields and send nothing");
    line.add_option("root", "DIR", "with --dry-run: look at the file system below DIR instead of /");
    line.add_machine_option();
    line.parse();
    const Host host = line.open_host();
    const bool print = line.has("dry-run");
    if (!print && !host.root.live())
        return line.usage_error("the journal is that of this machine; --root and --machine go with --dry-run");
    const ThisBoot boot = or_end(read_this_boot(host.root), console);
    if (!boot.report)
        print_notes({"there is no report: vfio-early did not run in this boot"}, console);
    for (const JournalEntry& entry : journal_entries(boot)) {
        if (!print) {
            or_end(send_to_journal(entry), console);
            continue;
        }
        for (const std::string& field : entry)
            console.out << field << '\n';
        console.out << '\n';
    }
    return exit_ok;
}

} // namespace vfio_early
