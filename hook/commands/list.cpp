// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/listing/listing.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

int run_list(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Lists the PCI functions by IOMMU group: name, class, the driver each has, the modules that would drive it,\n"
        "and what the policy does with it at the next boot.");
    line.options().add_options()("all,a", "bridges too")("tree,t", "by the tree of buses instead of by group");
    line.add_profile_option();
    line.add_reading_options();
    if (const auto code = line.parse())
        return *code;

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    const PolicyText policy = load_policy(host->root, line.host_options().policy);
    print_diagnostics(policy, console);
    // A policy with an error is shown as what it does: nothing.
    const auto outlook = look_ahead(host->root, policy.ok() ? policy.parsed.policy : Policy{},
                                    {.profiles = line.list("profile"), .kernel = {}});
    if (!outlook)
        return report_error(outlook.error(), console);
    print_notes(outlook->notes, console);

    const Listing listing = make_listing(*outlook, PciNames(host->pci_ids));
    if (line.has("json"))
        print_json(listing_json(listing), console);
    else if (line.has("tree"))
        print_tree(listing, console);
    else
        print_groups(listing, line.has("all"), console);
    return policy.ok() ? exit_ok : exit_usage;
}

} // namespace vfio_early
