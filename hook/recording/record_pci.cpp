// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorder.hpp"

#include <array>
#include <set>

namespace vfio_early {

namespace {

constexpr const char* devices = "sys/bus/pci/devices";

void record_function(Recorder& recorder, const std::string& directory)
{
    constexpr std::size_t standard_header = 64; // the serial number stands far behind it
    constexpr std::size_t whole_config = 4096;
    constexpr std::array attributes{"uevent",         "driver_override", "boot_vga",  "resource",
                                    "sriov_numvfs",   "sriov_totalvfs",  "numa_node", "reset_method",
                                    "d3cold_allowed", "power/control"};
    for (const char* attribute : attributes)
        recorder.file(directory + "/" + attribute);
    recorder.prefix(directory + "/config", recorder.options().serials ? whole_config : standard_header);
    for (const char* link : {"driver", "iommu_group", "physfn"})
        recorder.link(directory + "/" + link);
}

void record_driver(Recorder& recorder, const std::string& driver)
{
    recorder.link(driver + "/module");
    const std::string module = recorder.target(driver + "/module");
    if (!module.empty())
        recorder.file(module + "/initstate");
    recorder.presence(driver + "/bind"); // the driver is there
}

} // namespace

Result<void> record_pci(Recorder& recorder)
{
    const auto addresses = recorder.root().list(devices);
    if (!addresses)
        return std::unexpected(addresses.error());
    std::set<std::string> drivers;
    std::set<std::string> groups;
    for (const std::string& address : *addresses) {
        const std::string link = std::string(devices) + "/" + address;
        const std::string directory = recorder.target(link);
        if (directory.empty())
            continue;
        recorder.link(link);
        record_function(recorder, directory);
        drivers.insert(recorder.target(directory + "/driver"));
        groups.insert(recorder.target(directory + "/iommu_group"));
    }
    drivers.erase("");
    groups.erase("");
    for (const std::string& driver : drivers)
        record_driver(recorder, driver);
    for (const std::string& group : groups) {
        recorder.file(group + "/type");
        const auto members = recorder.root().list(group + "/devices");
        for (const std::string& member : members.value_or(std::vector<std::string>{}))
            recorder.link(group + "/devices/" + member);
    }
    return {};
}

} // namespace vfio_early
