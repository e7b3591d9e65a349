// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/boot_params/boot_place.hpp"
#include "hook/boot_params/run_command.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/edited_file.hpp"
#include "hook/edit/unified_diff.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/import/places.hpp"
#include "hook/import/run_import.hpp"
#include "hook/import/wanted.hpp"
#include "hook/ui/command_line.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/printable_lines.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

/// What was found, and what is to be done.
struct Advice {
    BootFacts facts;
    BootPlace place;
    std::vector<ParameterChange> changes;
    std::vector<FileChange> files;

    [[nodiscard]] bool nothing_to_write() const
    {
        return files.empty() && (place.method != BootMethod::grubby || place.update.empty());
    }
    [[nodiscard]] bool something_required() const { return std::ranges::any_of(changes, &ParameterChange::required); }
};

Result<Advice> find_advice(const Host& host, const PolicyText& policy, std::vector<std::string>& unreadable)
{
    const auto outlook = look_ahead(host.root, policy.ok() ? policy.parsed.policy : Policy{});
    if (!outlook)
        return std::unexpected(outlook.error());
    const Imported imported = import_lines(read_sources(read_places(host.root, unreadable)), host.root,
                                           policy.parsed.policy, *outlook, PciNames(host.pci_ids));
    Advice advice;
    advice.facts = read_boot_facts(host.root, outlook->machine);
    advice.place = find_boot_place(host.root);
    advice.changes = boot_changes(advice.facts, wanted_functions(*outlook, imported));
    for (ParameterChange& change : needless_ids(imported))
        advice.changes.push_back(std::move(change));
    advice.files = apply_changes(advice.place, advice.changes);
    if (advice.place.method == BootMethod::grubby)
        for (const ParameterChange& change : advice.changes)
            advice.place.update.push_back({"grubby", "--update-kernel=ALL",
                                           fmt::format("--{}args={}", change.add ? "" : "remove-", change.word)});
    return advice;
}

std::string_view iommu_text(const BootFacts& facts)
{
    if (facts.groups)
        return "active";
    return facts.firmware_offers_iommu() ? "offered by the firmware, not active"
                                         : "not offered by the firmware; enable it in the firmware setup first";
}

void print_changes(const Advice& advice, Console& console)
{
    console.out << fmt::format("IOMMU:        {}\n", iommu_text(advice.facts));
    console.out << fmt::format("boot loader:  {}\n", boot_method_name(advice.place.method));
    console.out << printable(fmt::format("command line: {}", join(advice.facts.words, " "))) << "\n\n";
    if (advice.changes.empty())
        console.out << "Nothing is to be changed.\n";
    for (const ParameterChange& change : advice.changes) {
        const std::string word = change.add ? "add" : "remove";
        console.out << fmt::format("{} {}{}\n    {}\n",
                                   paint(console.colour_out, change.required ? Style::yellow : Style::plain, word),
                                   printable(change.word), change.required ? "" : " (does no harm)", change.why);
    }
    for (const FileChange& change : advice.files)
        console.out << '\n' << printable_lines(unified_diff("/" + change.path, change.before, change.after));
}

void print_hand_work(const Advice& advice, Console& console)
{
    const auto homeless = words_without_place(advice.place, advice.changes);
    if (advice.place.method == BootMethod::grubby)
        return; // which needs no file of its own
    if (advice.place.method == BootMethod::unknown && !advice.changes.empty()) {
        console.out
            << "\nNo boot loader that is known here has files on this system; change the words where this machine's\n"
               "command line is made (on a machine that boots from the network: on the boot server).\n";
    } else if (!homeless.empty()) {
        console.out << fmt::format("\nIn no file of the boot loader: {}\n", printable(join(homeless, " ")));
    }
}

nlohmann::ordered_json advice_json(const Advice& advice)
{
    using Json = nlohmann::ordered_json;
    Json json{{"schema", 1},
              {"iommu", {{"active", advice.facts.groups}, {"firmware", advice.facts.firmware_offers_iommu()}}},
              {"boot_loader", boot_method_name(advice.place.method)},
              {"command_line", advice.facts.words}};
    json["changes"] = Json::array();
    for (const ParameterChange& change : advice.changes) {
        json["changes"].push_back({{"action", change.add ? "add" : "remove"},
                                   {"word", change.word},
                                   {"required", change.required},
                                   {"why", change.why}});
    }
    json["files"] = Json::array();
    for (const FileChange& change : advice.files) {
        json["files"].push_back(
            {{"file", "/" + change.path}, {"diff", unified_diff("/" + change.path, change.before, change.after)}});
    }
    json["update"] = advice.place.update;
    json["by_hand"] = words_without_place(advice.place, advice.changes);
    return json;
}

int apply(const Advice& advice, const Root& root, Console& console)
{
    for (const FileChange& change : advice.files) {
        auto file = EditedFile::open(root, change.path);
        if (!file)
            return report_error(file.error(), console);
        const auto backup = file->replace(change.after);
        if (!backup)
            return report_error(backup.error(), console);
        const std::string where = file->backup_text(*backup);
        console.out << fmt::format("/{} written{}{}\n", change.path, where.empty() ? "" : "\n", where);
    }
    if (advice.nothing_to_write()) {
        if (!advice.changes.empty())
            console.out << "The files have this already; it holds from the next boot on.\n";
        return exit_ok;
    }
    for (const std::vector<std::string>& command : advice.place.update) {
        console.out << fmt::format("{}{}\n", root.live() ? "Running: " : "Now run: ", join(command, " "));
        console.out.flush();
        if (!root.live())
            continue;
        if (const auto run = run_command(command); !run)
            return report_error(run.error(), console);
    }
    return exit_ok;
}

} // namespace

int run_boot_params(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Tells what the kernel command line of this machine needs for the IOMMU, what on it is useless, and in which "
        "file\n"
        "of which boot loader it stands. Exit code 1 if something is needed that is not there.");
    line.options().add_options()(
        "apply", "change the files, keep the old ones beside them as FILE~, and run the boot loader's update command");
    line.add_reading_options();
    if (const auto code = line.parse())
        return *code;
    if (line.has("apply") && (line.has("machine") || line.has("json")))
        return line.usage_error("--apply goes neither with --machine nor with --json");

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    const PolicyText policy = load_policy(host->root, line.host_options().policy);
    print_diagnostics(policy, console);
    std::vector<std::string> unreadable;
    const auto advice = find_advice(*host, policy, unreadable);
    if (!advice)
        return report_error(advice.error(), console);
    print_notes(unreadable, console);
    if (line.has("json")) {
        print_json(advice_json(*advice), console);
    } else {
        print_changes(*advice, console);
        print_hand_work(*advice, console);
    }
    if (line.has("apply"))
        return apply(*advice, host->root, console);
    if (!line.has("json") && !advice->nothing_to_write()) {
        console.out << "\nvfio-earlyctl boot-params --apply does this";
        for (const std::vector<std::string>& command : advice->place.update)
            console.out << (command == advice->place.update.front() ? ", then runs: " : "; ") << join(command, " ");
        console.out << '\n';
    }
    return advice->something_required() ? exit_refused : exit_ok;
}

} // namespace vfio_early
