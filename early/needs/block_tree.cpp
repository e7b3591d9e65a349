// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/block_tree.hpp"

#include "early/machine/scan.hpp"
#include "early/model/recovery.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace vfio_early {

namespace {

const std::string class_folder = "sys/class/block/";

std::string without_slash(const std::string& path)
{
    return path.starts_with('/') ? path.substr(1) : path;
}

} // namespace

std::optional<std::string> BlockTree::name_of(unsigned major, unsigned minor) const
{
    const auto link = root_.read_link("sys/dev/block/" + std::to_string(major) + ":" + std::to_string(minor));
    if (!link)
        return {};
    return std::string(base_name(*link));
}

std::optional<std::string> BlockTree::name_of_node(const std::string& node) const
{
    if (root_.live()) {
        const auto file = root_.open_file(node, O_PATH);
        struct stat status{};
        if (file && ::fstat(file->get(), &status) == 0 && S_ISBLK(status.st_mode))
            return name_of(major(status.st_rdev), minor(status.st_rdev));
    }
    // A recorded /dev has links, but no nodes: the last one of them is named as the kernel names the device.
    constexpr unsigned most_links = 8;
    std::string path = without_slash(node);
    for (unsigned count = 0; count < most_links; ++count) {
        const auto link = root_.read_link(path);
        if (!link)
            break;
        path = link->starts_with('/') ? link->substr(1)
                                      : "dev/" + std::string(base_name(*link)); // "../dm-0", "../../sda1"
    }
    std::string name(base_name(path));
    if (name.empty() || !root_.exists(class_folder + name))
        return {};
    return name;
}

std::vector<std::string> BlockTree::named_by(std::string_view text) const
{
    // A link of udev's can be followed before udev has made it.
    for (const auto& [tag, folder] : device_tags) {
        if (text.starts_with('/') && text.substr(1).starts_with(folder) && tags_ != nullptr) {
            auto found = tags_->find(tag, text.substr(1 + folder.size()));
            if (!found.empty())
                return found;
        }
    }
    if (text.starts_with('/')) {
        const auto name = name_of_node(std::string(text));
        return name ? std::vector{*name} : std::vector<std::string>();
    }
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || tags_ == nullptr)
        return {};
    std::string_view value = text.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
    return tags_->find(text.substr(0, equals), value);
}

std::vector<std::string> BlockTree::devices_of(const Mount& mount) const
{
    if (mount.major != 0) {
        const auto name = name_of(mount.major, mount.minor);
        return name ? std::vector{*name} : std::vector<std::string>();
    }
    if (mount.type == "zfs") {
        const std::string_view pool = std::string_view(mount.source).substr(0, mount.source.find('/'));
        return tags_ != nullptr ? tags_->find("LABEL", pool, "zfs_member") : std::vector<std::string>();
    }
    std::vector<std::string> names;
    if (!mount.source.starts_with("/dev/"))
        return names;
    for (const std::string_view node : split(mount.source, ':')) { // bcachefs names all its devices so
        const auto name = name_of_node(std::string(node));
        if (!name)
            continue;
        if (mount.type == "btrfs")
            for (std::string& member : btrfs_devices(*name))
                add_new(names, std::move(member));
        add_new(names, *name);
    }
    return names;
}

/// The mount names one device; /sys/fs/btrfs/UUID/devices has all of its file system.
std::vector<std::string> BlockTree::btrfs_devices(const std::string& one) const
{
    for (const std::string& uuid : root_.list("sys/fs/btrfs").value_or(std::vector<std::string>())) {
        auto names = root_.list("sys/fs/btrfs/" + uuid + "/devices");
        if (names && std::ranges::find(*names, one) != names->end())
            return std::move(*names);
    }
    return {};
}

std::string BlockTree::sysfs_link(const std::string& name) const
{
    return root_.read_link(class_folder + name).value_or("");
}

void BlockTree::descend(const std::string& name, std::set<std::string>& seen, std::vector<std::string>& bottom) const
{
    // A loop device on a file system on itself cannot be made; a recorded tree can say anything.
    if (!seen.insert(name).second)
        return;
    const std::string folder = class_folder + name;
    std::string over = name;
    if (root_.exists(folder + "/partition")) {
        const std::string link = sysfs_link(name);
        over = base_name(std::string_view(link).substr(0, link.rfind('/')));
    }
    const std::string whole = class_folder + over;
    const auto slaves = root_.list(whole + "/slaves").value_or(std::vector<std::string>());
    for (const std::string& slave : slaves)
        descend(slave, seen, bottom);
    if (!slaves.empty())
        return;
    if (const auto backing = root_.read_line(whole + "/loop/backing_file"); backing && !backing->empty()) {
        if (const Mount* mount = mount_of(mounts_, *backing))
            for (const std::string& device : devices_of(*mount))
                descend(device, seen, bottom);
        return;
    }
    add_new(bottom, name);
}

std::vector<std::string> BlockTree::bottom_of(const std::string& name) const
{
    std::set<std::string> seen;
    std::vector<std::string> bottom;
    descend(name, seen, bottom);
    return bottom;
}

std::vector<Address> BlockTree::functions_of(const std::string& name) const
{
    std::vector<Address> functions;
    const std::string link = sysfs_link(name);
    add_pci_ancestors(root_, link, functions);
    // With native multipath (nvme_core.multipath) a disk hangs from its subsystem, which has links to the controllers:
    // devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1.
    const std::size_t subsystem = link.find("nvme-subsystem/");
    if (subsystem != std::string::npos) {
        const std::size_t start = subsystem + std::string_view("nvme-subsystem/").size();
        const std::string folder =
            "sys/devices/virtual/nvme-subsystem/" + link.substr(start, link.find('/', start) - start);
        for (const std::string& entry : root_.list(folder).value_or(std::vector<std::string>()))
            if (entry.starts_with("nvme"))
                add_pci_ancestors(root_, root_.read_link(folder + "/" + entry).value_or(""), functions);
    }
    return functions;
}

std::string BlockTree::shown_name(const std::string& name) const
{
    const auto mapped = root_.read_line(class_folder + name + "/dm/name");
    return mapped && !mapped->empty() ? *mapped : name;
}

} // namespace vfio_early
