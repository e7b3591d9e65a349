// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/root_chain.hpp"

#include "early/model/text.hpp"
#include "early/needs/block_tree.hpp"
#include "early/needs/mount_table.hpp"

#include <algorithm>
#include <set>

namespace vfio_early {

namespace {

class Collector {
public:
    Collector(const Root& root, const BootRequest& request, const BlockTags* tags)
        : root_(root), request_(request),
          mounts_(parse_mountinfo(root.read("proc/self/mountinfo", std::size_t{8} << 20U).value_or(""))),
          tree_(root, mounts_, tags)
    {
    }

    NeededFunctions collect()
    {
        add_mounts();
        add_swaps();
        add_fstab();
        add_command_line();
        add_resume();
        if (root_found_)
            result_.root_unknown.clear();
        std::ranges::sort(result_.functions);
        const auto repeated = std::ranges::unique(result_.functions);
        result_.functions.erase(repeated.begin(), repeated.end());
        return std::move(result_);
    }

private:
    /// Everything that is mounted: nobody can tell which of it the host would do without.
    void add_mounts()
    {
        // The kernel shows a chroot only the mounts below it.
        // A recording without mounts says nothing, and does not forbid to think about it.
        if (root_.live() || !mounts_.empty())
            result_.root_unknown = "it is not mounted here, and root= does not tell";
        if (!mounts_.empty() && mounted_at(mounts_, "/") == nullptr)
            result_.root_unknown = "/ is not a mount point here (a chroot?)";
        const Mount* const top = mounted_at(mounts_, "/");
        std::set<std::string> seen; // a host of containers has thousands of mounts, and few disks
        for (const Mount& mount : mounts_) {
            const auto devices = tree_.devices_of(mount);
            for (const std::string& device : devices)
                if (seen.insert(device).second || &mount == top)
                    add_device(mount.point, device);
            if (&mount == top)
                result_.root_unknown = "/ is " + mount.type + " (" + mount.source + "), whose disks are not known";
        }
    }

    void add_swaps()
    {
        for (const std::string& file : parse_swaps(root_.read("proc/swaps").value_or(""))) {
            if (const auto device = tree_.name_of_node(file); device && file.starts_with("/dev/"))
                add_device("swap", *device);
            else if (const Mount* mount = mount_of(mounts_, file))
                for (const std::string& holder : tree_.devices_of(*mount))
                    add_device("swap (" + file + ")", holder);
        }
    }

    void add_fstab()
    {
        for (const FstabEntry& entry : parse_fstab(root_.read("etc/fstab").value_or("")))
            if (entry.needed)
                add_named(entry.type == "swap" ? "swap" : entry.point, entry.source);
    }

    void add_command_line()
    {
        for (const auto& [key, value] : request_.parameters)
            if (key == "root")
                add_named("/", value.substr(value.starts_with("block:") ? 6 : 0)); // dracut.cmdline(7)
            else if (key == "resume")
                add_named("the resume device", value);
            else if (key == "rd.luks.uuid" || key == "luks.uuid")
                add_named("a disk to unlock at boot", "UUID=" + value.substr(value.starts_with("luks-") ? 5 : 0));
    }

    /// /sys/power/resume is MAJOR:MINOR, 0:0 for none; RESUME= of initramfs-tools ends up on neither command line nor
    /// fstab.
    void add_resume()
    {
        const std::string number = root_.read_line("sys/power/resume").value_or("");
        const std::size_t colon = number.find(':');
        if (colon != std::string::npos && number != "0:0") {
            const auto major = parse_decimal(number.substr(0, colon));
            const auto minor = parse_decimal(number.substr(colon + 1));
            const auto device = major && minor ? tree_.name_of(*major, *minor) : std::nullopt;
            if (device)
                add_device("the resume device", *device);
        }
        const std::string conf = root_.read("etc/initramfs-tools/conf.d/resume").value_or("");
        for (const std::string_view line : split(conf, '\n'))
            if (line.starts_with("RESUME="))
                add_named("the resume device", trim(line.substr(7)));
    }

    void add_named(const std::string& what, std::string_view name)
    {
        for (const std::string& device : tree_.named_by(name))
            add_device(what, device);
    }

    void add_device(const std::string& what, const std::string& device)
    {
        const bool root = what == "/";
        for (const std::string& bottom : tree_.bottom_of(device)) {
            // What is in memory alone, a live system's, has come from somewhere else.
            root_found_ = root_found_ || (root && !bottom.starts_with("ram") && !bottom.starts_with("zram"));
            const std::string top = tree_.shown_name(device);
            const std::string text = what + " is on " + (device == bottom ? bottom : top + " over " + bottom);
            for (const Address& function : tree_.functions_of(bottom))
                result_.functions.push_back({function, text, root});
        }
    }

    const Root& root_;
    const BootRequest& request_;
    std::vector<Mount> mounts_;
    BlockTree tree_;
    NeededFunctions result_;
    bool root_found_ = false;
};

} // namespace

NeededFunctions functions_behind_root(const Root& root, const BootRequest& request, const BlockTags* tags)
{
    return Collector(root, request, tags).collect();
}

} // namespace vfio_early
