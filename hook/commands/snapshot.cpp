// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/commands/commands.hpp"
#include "hook/recording/recorder.hpp"
#include "hook/ui/command_line.hpp"
#include "hook/ui/report_error.hpp"

#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

int run_snapshot(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] FILE",
        "Records this machine in FILE, a tar archive (FILE.gz, FILE.xz, FILE.zst: compressed): its PCI functions, "
        "groups,\n"
        "drivers and policy, as far as these programs read them. Every reading command takes it with --machine FILE.\n"
        "Serial numbers and MAC addresses are left out.");
    line.options().add_options()("with-serials", "record serial numbers and MAC addresses too")(
        "root", boost::program_options::value<std::string>()->value_name("DIR"),
        "record the file system below DIR instead of /");
    line.allow_operands(1);
    if (const auto code = line.parse())
        return *code;
    if (line.operands().empty())
        return line.usage_error("no file given");

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    const auto tree = record_machine(host->root, {.serials = line.has("with-serials"), .pci_ids = host->pci_ids});
    if (!tree)
        return report_error(tree.error(), console);
    const std::string& file = line.operands().front();
    if (const auto written = write_tar(*tree, file); !written)
        return report_error(written.error(), console);
    console.out << fmt::format("{}: {} recorded{}\n", file, count_text(tree->files.size() + tree->links.size(), "fact"),
                               line.has("with-serials") ? ", serial numbers among them" : "");
    return exit_ok;
}

} // namespace vfio_early
