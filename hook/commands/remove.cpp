// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/printable.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/edit/policy_edit.hpp"
#include "hook/edit/removal.hpp"
#include "hook/edit/unified_diff.hpp"
#include "hook/edit/write_policy.hpp"
#include "hook/host/outlook.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/ui/command_line.hpp"
#include "hook/ui/printable_lines.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <ostream>

namespace vfio_early {

namespace {

/// Takes the statements out of their files, the last first so that line numbers stay true.
int remove_statements(const Removal& removal, const CommandLine& line, Console& console)
{
    std::map<std::string, std::vector<unsigned>> by_file;
    for (const Location& where : removal.statements)
        by_file[where.file].push_back(where.line);
    for (auto& [name, numbers] : by_file) {
        const auto file = open_policy_file(line.host_options(), name);
        if (!file)
            return report_error(file.error(), console);
        std::string text = file->text;
        std::ranges::sort(numbers, std::greater{});
        for (const unsigned number : numbers)
            text = without_statement(text, number);
        if (line.has("dry-run")) {
            console.out << printable_lines(unified_diff(name, file->text, text));
            continue;
        }
        if (const auto written = replace_with_backup(file->root, file->path, text); !written)
            return report_error(written.error(), console);
        for (const unsigned number : numbers)
            console.out << fmt::format("{}:{}: removed\n", name, number);
        console.out << "The file as it was is " << name << "~.\n";
    }
    return exit_ok;
}

} // namespace

int run_remove(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] ADDRESS|PATH...",
        "Removes the statements that take these functions and nothing else; a card is taken whole, as by `add`. What "
        "takes\n"
        "more is named and left alone. A function that is no longer there can be named by the path of the statement.");
    line.options().add_options()("dry-run,n", "show the change and write nothing");
    line.add_host_options();
    line.allow_operands(-1);
    if (const auto code = line.parse())
        return *code;
    if (line.operands().empty())
        return line.usage_error("which function? `vfio-earlyctl list` shows what the policy takes");

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    const PolicyText policy = load_policy(host->root, line.host_options().policy);
    print_diagnostics(policy, console);
    if (!policy.ok())
        return exit_usage;
    const auto outlook = look_ahead(host->root, policy.parsed.policy);
    if (!outlook)
        return report_error(outlook.error(), console);

    const Matcher matcher(outlook->machine, *outlook->modules);
    const Removal removal = find_removal(policy.parsed.policy, policy.files, matcher, line.operands());
    for (const std::string& problem : removal.problems)
        console.err << "vfio-earlyctl: " << printable(problem) << '\n';
    if (!removal.problems.empty()) {
        console.err << "Nothing was removed.\n";
        return exit_refused;
    }
    print_notes(removal.notes, console);
    if (const int code = remove_statements(removal, line, console); code != exit_ok || line.has("dry-run"))
        return code;
    console.out << next_step_text(find_image_tool(host->root)) << '\n';
    return exit_ok;
}

} // namespace vfio_early
