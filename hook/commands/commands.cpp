// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/commands/commands.hpp"

#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/ui/escaping_buffer.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/near_word.hpp"
#include "hook/ui/report_error.hpp"
#include "vfio_early_version.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

constexpr std::array command_table{
    Command{"setup", "asks which card a virtual machine is to have, and does all that is needed", run_setup},
    Command{"list", "IOMMU groups and functions, who drives them, what the policy does with them", run_list},
    Command{"check", "the errors of the policy, and what this machine refuses", run_check},
    Command{"plan", "what the next boot will do, step by step; nothing is done", run_plan},
    Command{"add", "write lines that bind functions, pinned to what they are now", run_add},
    Command{"remove", "take the lines for functions out again", run_remove},
    Command{"import", "turn modprobe.d, kernel command line, driverctl, libvirt, ... into policy lines", run_import},
    Command{"snapshot", "record this machine in a file, for --machine", run_snapshot},
    Command{"doctor", "what keeps functions from virtual machines, and what to do about it", run_doctor},
    Command{"boot-params", "what the kernel command line needs, and where it is written", run_boot_params},
    Command{"inspect", "what is in an initramfs image, and who will win each function with it", run_inspect},
    Command{"overlay", "vfio-early for an image that cannot be made anew, as a second initrd", run_overlay},
    Command{"status", "what this boot has done, and whether it still holds", run_status},
    Command{"metrics", "the same for Prometheus, as the textfile collector of node_exporter reads it", run_metrics},
    Command{"compare", "recordings of hosts that should be alike: which differ, and in what", run_compare},
    Command{"export", "what is bound here, for KubeVirt, Nova, Proxmox and node-feature-discovery", run_export},
    Command{"journal", "tell the journal what this boot has done (used by vfio-early-journal.service)", run_journal},
    Command{"boot-entries", "the boot entries that fall back (used by the scripts for boot loaders)", run_boot_entries},
    Command{"image", "what an initramfs generator must copy (used by its hook)", run_image},
    Command{"confirm", "a boot with this policy has finished (used by vfio-early-confirm.service)", run_confirm},
};

void print_help(std::ostream& out)
{
    out << "Usage: vfio-earlyctl COMMAND [OPTION...]\n\n"
           "Shows and checks which PCI functions vfio-early binds before any other driver sees them.\n\nCommands:\n";
    for (const Command& command : command_table)
        out << fmt::format("  {:<12} {}\n", command.name, command.help);
    out << "\nOptions:\n"
           "  --help       this text; after a command, its options\n"
           "  --version    the version\n\n"
           "Exit codes: 0 all as the policy says, 1 something is refused, 2 usage or policy error.\n";
}

int unknown_command(const std::string& name, Console& console)
{
    std::vector<std::string_view> names;
    for (const Command& command : command_table)
        names.push_back(command.name);
    const auto near = near_word(name, names);
    console.err << fmt::format("vfio-earlyctl: there is no command \"{}\"{}\n", printable(name),
                               near ? fmt::format("; did you mean \"{}\"?", *near) : "; --help names them");
    return exit_usage;
}

int run_checked(const std::vector<std::string>& arguments, Console& console)
{
    const auto name = find_command_name(arguments);
    const auto has = [&](std::string_view word) { return std::ranges::find(arguments, word) != arguments.end(); };
    if (name != arguments.end() && *name == "help") {
        if (std::next(name) != arguments.end())
            return run_checked({*std::next(name), "--help"}, console);
        print_help(console.out);
        return exit_ok;
    }
    if (name == arguments.end()) {
        if (has("--version")) {
            console.out << "vfio-earlyctl " << version << '\n';
            return exit_ok;
        }
        const bool asked = has("--help") || has("-h");
        if (!asked && !arguments.empty()) {
            console.err << "vfio-earlyctl: no command given; --help names them\n";
            return exit_usage;
        }
        print_help(asked ? console.out : console.err);
        return asked ? exit_ok : exit_usage;
    }
    const auto command = std::ranges::find(command_table, *name, &Command::name);
    if (command == command_table.end())
        return unknown_command(*name, console);
    std::vector<std::string> rest(arguments.begin(), name);
    rest.insert(rest.end(), std::next(name), arguments.end());
    return command->run({.command = *name, .arguments = std::move(rest), .console = console});
}

int run_caught(const std::vector<std::string>& arguments, Console& console)
{
    try {
        return run_checked(arguments, console);
    } catch (const CommandEnd& end) {
        return end.code;
    } catch (const std::exception& error) {
        console.err << "vfio-earlyctl: " << error.what() << '\n';
        return exit_refused;
    }
}

} // namespace

std::span<const Command> commands()
{
    return command_table;
}

int run_program(const std::vector<std::string>& arguments, Console& console)
{
    EscapingBuffer out(*console.out.rdbuf(), console.colour_out);
    EscapingBuffer err(*console.err.rdbuf(), console.colour_err);
    std::ostream out_stream(&out);
    std::ostream err_stream(&err);
    Console escaped{.out = out_stream,
                    .err = err_stream,
                    .colour_out = console.colour_out,
                    .colour_err = console.colour_err,
                    .utf8 = console.utf8,
                    .interactive = console.interactive};
    int code = run_caught(arguments, escaped);
    // Who reads JSON gets JSON, whatever happened.
    err_stream.flush();
    if (code != exit_ok && out.beginning().empty() && std::ranges::find(arguments, "--json") != arguments.end())
        print_json({{"schema", 1}, {"error", trim(err.beginning())}}, escaped);
    out_stream.flush();
    if (!out_stream) {
        err_stream << "vfio-earlyctl: the output could not be written\n" << std::flush;
        code = exit_usage;
    }
    return code;
}

} // namespace vfio_early
