// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/needs/block_tags.hpp"
#include "early/needs/mount_table.hpp"
#include "early/system/root.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Which block devices lie under which, as sysfs tells. A device is called by the kernel's name ("dm-0").
class BlockTree {
public:
    /// `tags` may be null: then what only a tag tells is not found. All must outlive it.
    BlockTree(const Root& root, const std::vector<Mount>& mounts, const BlockTags* tags)
        : root_(root), mounts_(mounts), tags_(tags)
    {
    }

    [[nodiscard]] std::optional<std::string> name_of(unsigned major, unsigned minor) const;
    /// Of a path below /dev, through its symbolic links.
    [[nodiscard]] std::optional<std::string> name_of_node(const std::string& node) const;
    /// What fstab(5), root= and resume= may say: a node, or a tag such as UUID=…
    [[nodiscard]] std::vector<std::string> named_by(std::string_view text) const;
    /// All devices of a mounted file system: several for btrfs, bcachefs and ZFS. Empty if it has none.
    [[nodiscard]] std::vector<std::string> devices_of(const Mount& mount) const;

    /// The devices at the bottom: through device mapper, MD, bcache (`slaves`), and loop devices. A partition stays
    /// one.
    [[nodiscard]] std::vector<std::string> bottom_of(const std::string& name) const;
    /// The PCI functions that the device hangs from, the nearest to the root bus first; bridges left out.
    [[nodiscard]] std::vector<Address> functions_of(const std::string& name) const;
    /// Where sysfs says that the device is; empty if there is none.
    [[nodiscard]] std::string sysfs_link(const std::string& name) const;
    /// "vg-root" for "dm-0", otherwise the name itself.
    [[nodiscard]] std::string shown_name(const std::string& name) const;

private:
    void descend(const std::string& name, std::set<std::string>& seen, std::vector<std::string>& bottom) const;
    [[nodiscard]] std::vector<std::string> btrfs_devices(const std::string& one) const;

    const Root& root_;
    const std::vector<Mount>& mounts_;
    const BlockTags* tags_;
};

} // namespace vfio_early
