// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/commands/command_line.hpp"
#include "hook/recording/recorded_tree.hpp"
#include "hook/ui/report_error.hpp"

#include <filesystem>

namespace vfio_early {

Host open_host(const HostOptions& options, Console& console)
{
    constexpr const char* names_path = "usr/share/misc/pci.ids"; // where Debian has it, and recordings too
    std::string directory = options.machine.value_or(options.root);
    std::shared_ptr<TemporaryDirectory> unpacked;
    if (options.machine && !std::filesystem::is_directory(directory)) {
        unpacked = or_end(unpack(or_end(read_recording(directory), console)), console);
        directory = unpacked->path;
    }
    Host host{.unpacked = std::move(unpacked), .root = or_end(Root::open(directory), console), .pci_ids = {}};
    if (!host.root.live() && host.root.exists(names_path))
        host.pci_ids = host.root.prefix() + "/" + names_path;
    return host;
}

Host CommandLine::open_host() const
{
    return vfio_early::open_host(host_options(), invocation_.console);
}

} // namespace vfio_early
