// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/text.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/edit/policy_edit.hpp"
#include "hook/import/import_view.hpp"
#include "hook/import/run_import.hpp"
#include "hook/import/system_files.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sstream>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr std::size_t largest_source = 4U << 20U;

Result<std::string> read_whole(const std::string& name)
{
    const FileDescriptor file(name == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                          : ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file)
        return system_error("read", name, errno);
    auto text = read_up_to(file, largest_source);
    if (!text)
        return system_error("read", name, text.error().code);
    return text;
}

/// The files named on the command line.
std::vector<SourceFile> named_sources(const CommandLine& line, const Root& root, Console& console)
{
    std::optional<SourceKind> given;
    if (line.has("from")) {
        given = parse_source_kind(line.text("from"));
        if (!given)
            throw CommandEnd(line.usage_error("there is no format \"" + line.text("from") + "\"; --help names them"));
    }
    std::vector<SourceFile> sources;
    bool guests = false;
    for (const std::string& name : line.operands()) {
        std::string text = or_end(read_whole(name), console);
        const auto kind = given ? given : detect_source_kind(name, text);
        if (!kind)
            throw CommandEnd(line.usage_error("the format of " + name + " is not known; name it with --from"));
        guests = guests || *kind == SourceKind::proxmox_guest;
        sources.push_back({.kind = *kind, .name = name == "-" ? "standard input" : name, .text = std::move(text)});
    }
    if (guests)
        for (SourceFile& mapping : read_proxmox_mappings(root))
            sources.push_back(std::move(mapping));
    return sources;
}

} // namespace

int run_import(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] [FILE...]",
        "Turns what other ways of binding say into policy lines, pinned to the functions of this machine, and tells\n"
        "of each old line whether it may now be deleted. Without FILE every file of this system is read that may have\n"
        "such lines; \"-\" is standard input. What is printed is a policy itself; nothing is changed without --write.");
    line.add_option("from", "FORMAT", ("the format: " + join(source_kind_words(), ", ")).c_str());
    line.add_flag("write,w", "add the lines to the policy");
    line.add_flag("all,a", "tell of lines that have nothing to do with it too");
    line.add_reading_options();
    line.allow_operands(-1);
    line.parse();
    if (line.has("write") && line.has("machine"))
        return line.usage_error("a recording cannot be written to");

    const Host host = line.open_host();
    PolicyChange change = or_end(PolicyChange::begin(host.root, line.host_options(), !line.has("write")), console);
    const PolicyText& policy = change.policy();
    print_diagnostics(policy, console);
    if (!policy.ok())
        return exit_usage;
    const Outlook outlook = or_end(look_ahead(host.root, policy.parsed.policy), console);

    std::vector<std::string> unreadable;
    const std::vector<SourceFile> sources =
        line.operands().empty() ? read_system_files(host.root, unreadable) : named_sources(line, host.root, console);
    print_notes(unreadable, console);
    const PciNames names(host.pci_ids);
    const Imported imported = import_lines(read_sources(sources), host.root, policy.parsed.policy, outlook, names);
    if (line.has("json"))
        print_json(import_json(imported), console);
    else
        print_import(imported, line.has("all"), console);
    print_notes(imported.notes, console);
    const auto is_about_binding = [](const SourceLine& old) { return old.fate != LineFate::unrelated; };
    if (std::ranges::none_of(imported.lines, is_about_binding))
        print_notes({"nothing was found that binds functions in another way; vfio-earlyctl doctor also looks at "
                     "scripts, units and rules"},
                    console);
    else if (!line.has("write") && !other_image_tool(host.root).empty())
        print_notes({next_step_text(host.root) + " Delete no old line before that is fixed."}, console);
    if (imported.blocks.empty())
        return exit_ok;

    const std::string& name = change.main_name();
    change.set_text(name, with_lines_added(change.text(name), "", policy_lines(imported)));
    const Proposal proposal = change.propose_or_end(host.root, {}, console);
    print_refusals(proposal.outlook.plan.refused, proposal.outlook.machine, names, console,
                   [](const RefusedFunction&) { return false; });
    std::set<Address> wanted;
    for (const PolicyBlock& block : imported.blocks)
        wanted.insert(block.functions.begin(), block.functions.end());
    if (print_unplanned(proposal.outlook.plan, wanted, console))
        return exit_refused;
    if (!line.has("write"))
        return exit_ok;
    std::ostringstream told;
    change.finish(host.root, console, told);
    console.err << name << ": lines were added\n" << told.str();
    if (!line.has("json"))
        console.err << next_step_text(host.root) << '\n';
    return exit_ok;
}

} // namespace vfio_early
