// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/support/fixture_pci.hpp"

#include <string>
#include <vector>

namespace vfio_early::test {

/// Declares block devices as sysfs shows them. Numbers are given out one after the other.
class FixtureBlocks {
public:
    explicit FixtureBlocks(FixtureTree& tree) : tree_(tree) {}

    /// A disk below a device: `under` is below sys/devices ("pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0").
    /// Gives its MAJOR:MINOR.
    std::string make_disk(const std::string& name, const std::string& under)
    {
        return make_device(name, under + "/block/" + name, true);
    }
    std::string make_partition(const std::string& name, const std::string& under, const std::string& disk,
                               unsigned number)
    {
        const std::string path = under + "/block/" + disk + "/" + name;
        const std::string device = make_device(name, path, false);
        tree_.make_file("sys/devices/" + path + "/partition", std::to_string(number) + "\n");
        return device;
    }
    /// A device over others: device mapper, MD, bcache.
    std::string make_stack(const std::string& name, const std::vector<std::string>& slaves,
                           const std::string& mapped = {})
    {
        const std::string path = "virtual/block/" + name;
        const std::string device = make_device(name, path, true);
        for (const std::string& slave : slaves)
            tree_.make_link("sys/devices/" + path + "/slaves/" + slave, "../../" + slave);
        if (!mapped.empty()) {
            tree_.make_file("sys/devices/" + path + "/dm/name", mapped + "\n");
            tree_.make_link("dev/mapper/" + mapped, "../" + name);
        }
        return device;
    }
    /// One line of /proc/self/mountinfo.
    void mount(const std::string& device, const std::string& point, const std::string& type, const std::string& source,
               const std::string& options = "rw")
    {
        mounts_ += "30 1 " + device + " / " + point + " rw - " + type + " " + source + " " + options + "\n";
        tree_.make_file("proc/self/mountinfo", mounts_);
    }

private:
    std::string make_device(const std::string& name, const std::string& path, bool whole)
    {
        const std::string device = "8:" + std::to_string(++minor_);
        tree_.make_file("sys/devices/" + path + "/dev", device + "\n");
        tree_.make_file("sys/devices/" + path + "/size", "2048\n");
        tree_.make_link("sys/class/block/" + name, "../../devices/" + path);
        tree_.make_link("sys/dev/block/" + device, "../../devices/" + path);
        if (whole)
            tree_.make_link("sys/block/" + name, "../devices/" + path);
        return device;
    }

    FixtureTree& tree_;
    unsigned minor_ = 0;
    std::string mounts_;
};

} // namespace vfio_early::test
