// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/listing/listing.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

namespace vfio_early {

int run_list(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...]",
        "Lists the PCI functions by IOMMU group: name, class, the driver each has, the modules that would drive it,\n"
        "and what the policy does with it at the next boot.");
    line.add_flag("all,a", "bridges too");
    line.add_flag("tree,t", "by the tree of buses instead of by group");
    line.add_profile_option();
    line.add_reading_options();
    line.parse();

    const Host host = line.open_host();
    const PolicyText policy = line.load_policy(host);
    const Outlook outlook =
        or_end(look_ahead(host.root, policy.effective(), {.profiles = line.list("profile")}), console);
    print_notes(outlook.notes, console);

    const Listing listing = make_listing(outlook, PciNames(host.pci_ids));
    if (line.has("json"))
        print_json(listing_json(listing), console);
    else if (line.has("tree"))
        print_tree(listing, console);
    else
        print_groups(listing, line.has("all"), console);
    return policy.ok() ? exit_ok : exit_usage;
}

} // namespace vfio_early
