// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/image/image_policy.hpp"
#include "hook/ui/json.hpp"

#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

int run_boot_entries(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Prints the boot entries that should stand beside the usual one, a line each: an id, a word for the kernel\n"
        "command line, a title. Nothing if the policy binds nothing. Used by the scripts for GRUB and kernel-install.");
    line.add_host_options();
    line.add_flag("json", "print JSON");
    line.parse();

    const Host host = line.open_host();
    // Should the policy have errors, the one that images have.
    const Policy policy = image_policy(host.root, line.load_policy(host), line.has("policy")).policy;
    nlohmann::ordered_json entries = nlohmann::ordered_json::array();
    // The id is fit for a file name: the name of a profile is made of letters, digits, '_' and '-'.
    const auto add = [&](const std::string& id, const std::string& word, const std::string& title) {
        entries.push_back({{"id", id}, {"word", word}, {"title", title}});
        if (!line.has("json"))
            console.out << fmt::format("{} {} {}\n", id, word, title);
    };
    if (!policy.binds.empty()) {
        add("off", "vfio_early=off", "without vfio-early");
        for (const std::string& name : policy.profiles)
            add("profile-" + name, "vfio_early.profile=" + name, "with the vfio-early profile " + name);
    }
    if (line.has("json"))
        print_json({{"schema", 1}, {"entries", entries}}, console);
    return exit_ok;
}

} // namespace vfio_early
