// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/fleet/export_text.hpp"
#include "hook/fleet/write_for_reader.hpp"
#include "hook/ui/near_word.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

constexpr std::array<std::string_view, 4> export_formats{"kubevirt", "nova", "proxmox", "nfd"};

/// The name of this host in a cluster of Proxmox: without its domain (PVE::INotify::nodename).
std::string node_name(const Root& root)
{
    std::string name;
    for (const char* path : {"proc/sys/kernel/hostname", "etc/hostname"})
        if (name.empty())
            name = root.read_line(path).value_or("");
    name = printable(name.substr(0, name.find('.')));
    return name.empty() ? "localhost" : name;
}

std::string text_for(std::string_view format, const ThisBoot& boot, const Host& host)
{
    if (format == "nfd")
        return nfd_text(boot);
    const PciNames names(host.pci_ids);
    const auto functions = bound_functions(boot);
    if (format == "kubevirt")
        return kubevirt_text(functions, names);
    if (format == "nova")
        return nova_text(functions, names);
    return proxmox_text(functions, boot.now, names, node_name(host.root));
}

} // namespace

int run_export(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] kubevirt|nova|proxmox|nfd",
        "Prints what is bound here now, as others want to be told of it: permittedHostDevices for KubeVirt,\n"
        "device_spec for Nova, mappings for /etc/pve/mapping/pci.cfg of Proxmox, a feature file for\n"
        "node-feature-discovery. What the boot has bound and a driver of VFIO still has is bound; no function is\n"
        "opened. vfio-early-nfd.service writes the feature file, where Kubernetes has the directory for it.");
    line.add_option("out", "FILE", "with nfd: write FILE as a whole instead, so that nobody reads half of it");
    line.add_root_option();
    line.add_machine_option();
    line.allow_operands(1);
    line.parse();
    if (line.operands().empty())
        return line.usage_error("for whom? kubevirt, nova, proxmox or nfd");
    const std::string& format = line.operands().front();
    if (std::ranges::find(export_formats, format) == export_formats.end()) {
        const auto near = near_word(format, export_formats);
        return line.usage_error(fmt::format("there is no format \"{}\"; {}", format,
                                            near ? fmt::format("did you mean \"{}\"?", *near)
                                                 : "kubevirt, nova, proxmox and nfd are known"));
    }
    if (line.has("out") && format != "nfd")
        return line.usage_error("--out goes with nfd; the others are only printed");

    const Host host = line.open_host();
    const ThisBoot boot = or_end(read_this_boot(host.root), console);
    const std::string text = text_for(format, boot, host);
    if (line.has("out")) {
        or_end(write_for_reader(line.text("out"), text), console);
        return exit_ok;
    }
    // For a label that is a fact; in a configuration it would be an empty list that nobody meant.
    if (!boot.report && format != "nfd") {
        print_notes({"there is no report: vfio-early did not run in this boot"}, console);
        return exit_refused;
    }
    console.out << text;
    return exit_ok;
}

} // namespace vfio_early
