// SPDX-License-Identifier: GPL-2.0-or-later
// The only source that includes <blkid.h>.
#include "hook/host/read_block_tags.hpp"

#include "early/model/text.hpp"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <map>
#include <optional>

namespace vfio_early {

namespace {

using Tags = std::map<std::string, std::string, std::less<>>;

struct FreeProbe {
    void operator()(blkid_probe probe) const { blkid_free_probe(probe); }
};
using Probe = std::unique_ptr<std::remove_pointer_t<blkid_probe>, FreeProbe>;

/// An opened device with a probe of libblkid on it.
struct OpenDevice {
    FileDescriptor file;
    Probe probe;
};

std::optional<OpenDevice> open_device(const Root& root, const std::string& name)
{
    // O_NONBLOCK: a drive without a medium would make us wait for one.
    auto file = root.open_file("dev/" + name, O_RDONLY | O_NONBLOCK);
    if (!file)
        return {};
    OpenDevice device{std::move(*file), Probe(blkid_new_probe())};
    if (!device.probe || blkid_probe_set_device(device.probe.get(), device.file.get(), 0, 0) != 0)
        return {};
    return device;
}

std::string value_of(blkid_probe probe, const char* name)
{
    const char* value = nullptr;
    return blkid_probe_lookup_value(probe, name, &value, nullptr) == 0 && value != nullptr ? value : "";
}

/// What its content says: a file system, a LUKS header, a member of an array or a pool.
void read_content(const OpenDevice& device, Tags& tags)
{
    blkid_probe probe = device.probe.get();
    blkid_probe_enable_partitions(probe, 0);
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE);
    if (blkid_do_safeprobe(probe) != 0)
        return;
    for (const char* name : {"UUID", "LABEL", "TYPE"})
        tags[name] = value_of(probe, name);
}

class BlkidTags final : public BlockTags {
public:
    explicit BlkidTags(const Root& root) : root_(root) {}

    std::vector<std::string> find(std::string_view tag, std::string_view value, std::string_view type) const override
    {
        if (!read_) {
            read_ = true;
            read_all();
        }
        std::vector<std::string> names;
        for (const auto& [name, tags] : devices_) {
            const auto found = tags.find(tag);
            const auto kind = tags.find("TYPE");
            if (found == tags.end() || found->second.empty() || !same(tag, found->second, value))
                continue;
            if (type.empty() || (kind != tags.end() && kind->second == type))
                names.push_back(name);
        }
        return names;
    }

private:
    /// People write UUIDs in either case; labels are taken as they are.
    static bool same(std::string_view tag, std::string_view have, std::string_view wanted)
    {
        return tag.ends_with("UUID") ? lower_case(have) == lower_case(wanted) : have == wanted;
    }

    void read_all() const
    {
        for (const std::string& disk : root_.list("sys/block").value_or(std::vector<std::string>())) {
            // No root is on these, and some of them wait for a medium or take long to answer.
            if (disk.starts_with("ram") || disk.starts_with("zram") || disk.starts_with("sr") || disk.starts_with("fd"))
                continue;
            const std::string folder = "sys/block/" + disk;
            if (root_.read_line(folder + "/size").value_or("0") == "0")
                continue;
            std::map<unsigned, std::string> partitions;
            for (const std::string& name : root_.list(folder).value_or(std::vector<std::string>())) {
                if (!name.starts_with(disk))
                    continue;
                const auto number = parse_decimal(root_.read_line(folder + "/" + name + "/partition").value_or(""));
                if (number)
                    partitions[*number] = name;
            }
            read_disk(disk, partitions);
        }
    }

    void read_disk(const std::string& disk, const std::map<unsigned, std::string>& partitions) const
    {
        // The content of a disk with partitions is its partition table.
        if (partitions.empty()) {
            if (const auto device = open_device(root_, disk))
                read_content(*device, devices_[disk]);
            return;
        }
        for (const auto& [number, name] : partitions)
            if (const auto device = open_device(root_, name))
                read_content(*device, devices_[name]);
        if (const auto device = open_device(root_, disk))
            read_table(*device, partitions);
    }

    void read_table(const OpenDevice& device, const std::map<unsigned, std::string>& partitions) const
    {
        blkid_probe probe = device.probe.get();
        blkid_probe_enable_superblocks(probe, 0);
        blkid_probe_enable_partitions(probe, 1);
        blkid_partlist table = blkid_probe_get_partitions(probe);
        if (table == nullptr)
            return;
        for (const auto& [number, name] : partitions) {
            blkid_partition entry = blkid_partlist_get_partition_by_partno(table, static_cast<int>(number));
            if (entry == nullptr)
                continue;
            if (const char* uuid = blkid_partition_get_uuid(entry))
                devices_[name]["PARTUUID"] = uuid;
            if (const char* label = blkid_partition_get_name(entry))
                devices_[name]["PARTLABEL"] = label;
        }
    }

    const Root& root_;
    mutable bool read_ = false;
    mutable std::map<std::string, Tags> devices_;
};

} // namespace

std::unique_ptr<BlockTags> read_block_tags(const Root& root)
{
    return std::make_unique<BlkidTags>(root);
}

} // namespace vfio_early
