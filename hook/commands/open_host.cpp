// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/commands/command_line.hpp"
#include "hook/recording/recorded_tree.hpp"

#include <filesystem>
#include <utility>

namespace vfio_early {

namespace {

constexpr const char* names_path = "usr/share/misc/pci.ids"; // where Debian has it, and recordings too

} // namespace

Result<Host> open_host(const HostOptions& options)
{
    std::string directory = options.machine.value_or(options.root);
    std::shared_ptr<TemporaryDirectory> unpacked;
    if (options.machine && !std::filesystem::is_directory(directory)) {
        const auto tree = read_recording(directory);
        if (!tree)
            return std::unexpected(tree.error());
        auto made = unpack(*tree);
        if (!made)
            return std::unexpected(made.error());
        unpacked = std::move(*made);
        directory = unpacked->path;
    }
    auto root = Root::open(directory);
    if (!root)
        return std::unexpected(root.error());
    Host host{.unpacked = std::move(unpacked), .root = std::move(*root), .pci_ids = {}};
    if (!host.root.live() && host.root.exists(names_path))
        host.pci_ids = host.root.prefix() + "/" + names_path;
    return host;
}

} // namespace vfio_early
