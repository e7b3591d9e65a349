// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/boot_params/advice.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/edit/unified_diff.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <ostream>

namespace vfio_early {

namespace {

nlohmann::ordered_json advice_json(const Advice& advice)
{
    using Json = nlohmann::ordered_json;
    Json json{{"schema", 1},
              {"iommu", {{"active", advice.facts.groups}, {"firmware", advice.facts.firmware_offers_iommu()}}},
              {"boot_loader", boot_method_name(advice.loader.method)},
              {"command_line", advice.facts.words}};
    json["changes"] = Json::array();
    for (const ParameterChange& change : advice.changes)
        json["changes"].push_back({{"action", change.add ? "add" : "remove"},
                                   {"word", change.word},
                                   {"required", change.required},
                                   {"why", change.why}});
    json["files"] = Json::array();
    for (const FileChange& change : advice.files)
        json["files"].push_back(
            {{"file", "/" + change.path}, {"diff", unified_diff("/" + change.path, change.before, change.after)}});
    json["update"] = advice.loader.update;
    json["by_hand"] = words_in_no_file(advice.loader, advice.changes);
    json["left_alone"] = words_left_alone(advice.loader, advice.changes);
    return json;
}

} // namespace

int run_boot_params(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Tells what the kernel command line of this machine needs for the IOMMU, what on it is useless, and in\n"
        "which file of which boot loader it stands. Exit code 1 if something is needed that is not there.");
    line.add_flag("apply",
                  "change the files, keep the old ones beside them as FILE~, and run the boot loader's update command");
    line.add_flag("edit-grub", "GRUB: take words out of /etc/default/grub, too; otherwise only a drop-in is written");
    line.add_reading_options();
    line.parse();
    if (line.has("apply") && (line.has("machine") || line.has("json")))
        return line.usage_error("--apply goes neither with --machine nor with --json");

    const Host host = line.open_host();
    std::vector<std::string> unreadable;
    const Advice advice = or_end(find_advice(host, line.load_policy(host), unreadable, line.has("edit-grub")), console);
    print_notes(unreadable, console);
    if (line.has("json"))
        print_json(advice_json(advice), console);
    else
        print_advice(advice, console);
    if (line.has("apply")) {
        apply_advice(advice, host.root, console);
        return exit_ok;
    }
    if (!line.has("json") && !advice.nothing_to_write()) {
        console.out << "\nvfio-earlyctl boot-params --apply" << (line.has("edit-grub") ? " --edit-grub" : "")
                    << " does this";
        for (const std::vector<std::string>& command : advice.loader.update)
            console.out << (command == advice.loader.update.front() ? ", then runs: " : "; ") << join(command, " ");
        console.out << '\n';
    }
    return advice.something_required() ? exit_refused : exit_ok;
}

} // namespace vfio_early
