// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/boot_params/advice.hpp"

#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/boot_params/run_command.hpp"
#include "hook/boot_params/wanted.hpp"
#include "hook/edit/edited_file.hpp"
#include "hook/edit/unified_diff.hpp"
#include "hook/import/run_import.hpp"
#include "hook/import/system_files.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

std::string_view iommu_text(const BootFacts& facts)
{
    if (facts.groups)
        return "active";
    if (facts.in_guest && !facts.firmware_offers_iommu())
        return "this virtual machine has none; its host must give it one first";
    return facts.firmware_offers_iommu() ? "offered by the firmware, not active"
                                         : "not offered by the firmware; enable it in the firmware setup first";
}

void print_changes(const Advice& advice, Console& console)
{
    console.out << fmt::format("IOMMU:        {}\n", iommu_text(advice.facts));
    console.out << fmt::format("boot loader:  {}\n", boot_method_name(advice.loader.method));
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
    const auto without_file = words_in_no_file(advice.loader, advice.changes);
    const auto left_alone = words_left_alone(advice.loader, advice.changes);
    if (!left_alone.empty())
        console.out << fmt::format("\nTo be taken out by hand, or by boot-params --apply --edit-grub: {}\n",
                                   printable(join(left_alone, ", ")));
    if (advice.loader.method == BootMethod::grubby)
        return; // which needs no file of its own
    if (advice.loader.method == BootMethod::unknown && !advice.changes.empty()) {
        console.out
            << "\nNo boot loader that is known here has files on this system; change the words where this machine's\n"
               "command line is made (on a machine that boots from the network: on the boot server).\n";
    } else if (!without_file.empty()) {
        console.out << fmt::format("\nIn no file of the boot loader: {}\n", printable(join(without_file, " ")));
    }
}

} // namespace

bool Advice::nothing_to_write() const
{
    return files.empty() && (loader.method != BootMethod::grubby || loader.update.empty());
}

bool Advice::something_required() const
{
    return std::ranges::any_of(changes, &ParameterChange::required);
}

Result<Advice> find_advice(const Host& host, const PolicyText& policy, std::vector<std::string>& unreadable,
                           bool edit_grub)
{
    const auto outlook = look_ahead(host.root, policy.effective());
    if (!outlook)
        return std::unexpected(outlook.error());
    const Imported imported = import_lines(read_sources(read_system_files(host.root, unreadable)), host.root,
                                           policy.parsed.policy, *outlook, PciNames(host.pci_ids));
    Advice advice;
    advice.facts = read_boot_facts(host.root, outlook->machine);
    advice.loader = find_boot_loader(host.root);
    advice.loader.only_drop_in = !advice.loader.drop_in.empty() && !edit_grub;
    advice.changes = boot_changes(advice.facts, wanted_functions(*outlook, imported));
    for (ParameterChange& change : needless_ids(imported))
        advice.changes.push_back(std::move(change));
    advice.files = apply_changes(advice.loader, advice.changes);
    if (advice.loader.method == BootMethod::grubby)
        for (const ParameterChange& change : advice.changes)
            advice.loader.update.push_back({"grubby", "--update-kernel=ALL",
                                            fmt::format("--{}args={}", change.add ? "" : "remove-", change.word)});
    return advice;
}

void print_advice(const Advice& advice, Console& console)
{
    print_changes(advice, console);
    print_hand_work(advice, console);
}

void apply_advice(const Advice& advice, const Root& root, Console& console)
{
    for (const FileChange& change : advice.files) {
        EditedFile file = or_end(EditedFile::open(root, change.path), console);
        const std::string where = file.backup_text(or_end(file.replace(change.after), console));
        console.out << fmt::format("/{} written{}{}\n", change.path, where.empty() ? "" : "\n", where);
    }
    if (advice.nothing_to_write()) {
        if (!advice.changes.empty() && words_left_alone(advice.loader, advice.changes).empty())
            console.out << "The files have this already; it holds from the next boot on.\n";
        return;
    }
    for (const std::vector<std::string>& command : advice.loader.update) {
        console.out << fmt::format("{}{}\n", root.live() ? "Running: " : "Now run: ", join(command, " "));
        console.out.flush();
        if (root.live())
            or_end(run_command(command), console);
    }
}

} // namespace vfio_early
