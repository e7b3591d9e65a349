// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/edit/pin.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/edit/policy_edit.hpp"
#include "hook/import/import_view.hpp"
#include "hook/import/run_import.hpp"
#include "hook/import/system_files.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
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

/// The files named on the command line. A value on the left: the exit code with which the command ends.
std::expected<std::vector<SourceFile>, int> named_sources(const CommandLine& line, const Root& root, Console& console)
{
    std::optional<SourceKind> given;
    if (line.has("from")) {
        given = parse_source_kind(line.text("from"));
        if (!given)
            return std::unexpected(
                line.usage_error("there is no format \"" + line.text("from") + "\"; --help names them"));
    }
    std::vector<SourceFile> sources;
    bool guests = false;
    for (const std::string& name : line.operands()) {
        auto text = read_whole(name);
        if (!text)
            return std::unexpected(report_error(text.error(), console));
        const auto kind = given ? given : detect_source_kind(name, *text);
        if (!kind)
            return std::unexpected(line.usage_error("the format of " + name + " is not known; name it with --from"));
        guests = guests || *kind == SourceKind::proxmox_guest;
        sources.push_back({.kind = *kind, .name = name == "-" ? "standard input" : name, .text = std::move(*text)});
    }
    if (guests)
        for (SourceFile& mapping : read_proxmox_mappings(root))
            sources.push_back(std::move(mapping));
    return sources;
}

std::string format_words()
{
    std::vector<std::string> words;
    for (const SourceKind kind : source_kinds())
        words.emplace_back(source_kind_word(kind));
    return join(words, ", ");
}

/// What the boot would refuse of the lines, as warnings.
void warn_of_refusals(const Outlook& outlook, const PciNames& names, Console& console)
{
    const std::string word = paint(console.colour_err, Style::yellow, "warning:");
    std::set<unsigned> groups;
    for (const RefusedFunction& refused : outlook.plan.refused) {
        console.err << word << ' ' << printable(refusal_text(refused)) << '\n';
        const Function* function = refused.address ? outlook.machine.find(*refused.address) : nullptr;
        if (refused.refusal == Refusal::group && function != nullptr && function->group)
            groups.insert(*function->group);
    }
    for (const unsigned group : groups)
        print_notes({group_text(outlook.machine, group, names)}, console);
}

int write_lines(const CommandLine& line, PolicyChange& change, const Root& root, Console& console)
{
    std::ostringstream told;
    if (const int code = change.finish(root, console, told); code != exit_ok)
        return code;
    console.err << change.main_name() << ": lines were added\n" << told.str();
    if (!line.has("json"))
        console.err << next_step_text(root) << '\n';
    return exit_ok;
}

} // namespace

int run_import(const Invocation& invocation)
{
    namespace po = boost::program_options;
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] [FILE...]",
        "Turns what other ways of binding say into policy lines, pinned to the functions of this machine, and tells of "
        "each\n"
        "old line whether it may now be deleted. Without FILE all places of this system are read; \"-\" is standard "
        "input.\n"
        "What is printed is a policy itself; nothing is changed without --write.");
    const std::string formats = "the format: " + format_words();
    line.options().add_options()("from", po::value<std::string>()->value_name("FORMAT"), formats.c_str())(
        "write,w", "add the lines to the policy")("all,a", "tell of lines that have nothing to do with it too");
    line.add_reading_options();
    line.allow_operands(-1);
    if (const auto code = line.parse())
        return *code;
    if (line.has("write") && line.has("machine"))
        return line.usage_error("a recording cannot be written to");

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    auto change = PolicyChange::begin(host->root, line.host_options(), !line.has("write"));
    if (!change)
        return report_error(change.error(), console);
    const PolicyText& policy = change->policy();
    print_diagnostics(policy, console);
    if (!policy.ok())
        return exit_usage;
    const auto outlook = look_ahead(host->root, policy.parsed.policy);
    if (!outlook)
        return report_error(outlook.error(), console);

    std::vector<std::string> unreadable;
    const auto sources =
        line.operands().empty() ? read_system_files(host->root, unreadable) : named_sources(line, host->root, console);
    print_notes(unreadable, console);
    if (!sources)
        return sources.error();
    const PciNames names(host->pci_ids);
    const Imported imported = import_lines(read_sources(*sources), host->root, policy.parsed.policy, *outlook, names);
    if (line.has("json"))
        print_json(import_json(imported), console);
    else
        print_import(imported, line.has("all"), console);
    print_notes(imported.notes, console);
    const auto is_about_binding = [](const SourceLine& old) { return old.fate != LineFate::unrelated; };
    if (std::ranges::none_of(imported.lines, is_about_binding))
        print_notes(
            {"nothing was found that binds functions in another way; vfio-earlyctl doctor also looks at scripts, "
             "units and rules"},
            console);
    else if (!line.has("write") && !other_image_tool(host->root).empty())
        print_notes({next_step_text(host->root) + " Delete no old line before that is fixed."}, console);
    if (imported.blocks.empty())
        return exit_ok;

    const std::string& name = change->main_name();
    change->set_text(name, with_lines_added(change->text(name), "", policy_lines(imported)));
    const auto proposal = change->propose_or_tell(host->root, {}, console);
    if (!proposal)
        return proposal.error();
    warn_of_refusals(proposal->outlook, names, console);
    std::set<Address> wanted;
    for (const PolicyBlock& block : imported.blocks)
        wanted.insert(block.functions.begin(), block.functions.end());
    if (print_unplanned(proposal->outlook.plan, wanted, console))
        return exit_refused;
    return line.has("write") ? write_lines(line, *change, host->root, console) : exit_ok;
}

} // namespace vfio_early
