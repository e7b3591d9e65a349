// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/image/image_policy.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <fmt/format.h>
#include <ostream>
#include <vector>

namespace vfio_early {

namespace {

/// An entry of a boot menu beside the usual one.
struct BootEntry {
    std::string id;   ///< fit for a file name
    std::string word; ///< for the kernel command line
    std::string title;
};

/// Nothing where the policy binds nothing. The name of a profile is made of letters, digits, '_' and '-'.
std::vector<BootEntry> boot_entries(const Policy& policy)
{
    std::vector<BootEntry> entries;
    if (policy.binds.empty())
        return entries;
    entries.push_back({.id = "off", .word = "vfio_early=off", .title = "without vfio-early"});
    for (const std::string& profile : policy.profiles)
        entries.push_back({.id = "profile-" + profile,
                           .word = "vfio_early.profile=" + profile,
                           .title = "with the vfio-early profile " + profile});
    return entries;
}

} // namespace

int run_boot_entries(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Prints the boot entries that should stand beside the usual one, a line each: an id, a word for the kernel\n"
        "command line, a title. Nothing if the policy binds nothing. Used by the scripts for GRUB and kernel-install.");
    line.add_host_options();
    line.options().add_options()("json", "print JSON");
    if (const auto code = line.parse())
        return *code;

    const HostOptions options = line.host_options();
    const auto host = open_host(options);
    if (!host)
        return report_error(host.error(), console);
    const PolicyText found = load_policy(host->root, options.policy);
    print_diagnostics(found, console);
    // What images have, should the policy have errors.
    const std::vector<BootEntry> entries =
        boot_entries(image_policy(host->root, found, options.policy.has_value()).policy);
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const BootEntry& entry : entries)
        if (line.has("json"))
            json.push_back({{"id", entry.id}, {"word", entry.word}, {"title", entry.title}});
        else
            console.out << fmt::format("{} {} {}\n", entry.id, entry.word, entry.title);
    if (line.has("json"))
        print_json({{"schema", 1}, {"entries", json}}, console);
    return exit_ok;
}

} // namespace vfio_early
