// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorder.hpp"

#include "hook/host/regular_file.hpp"

namespace vfio_early {

namespace {

/// Enough to walk from a mounted device down to the function it is on.
void record_block_device(Recorder& recorder, const std::string& name)
{
    const std::string link = "sys/class/block/" + name;
    const std::string directory = recorder.target(link);
    recorder.link(link);
    const std::string slaves = directory + "/slaves/";
    for (const char* attribute : {"dev", "partition", "size", "dm/name", "dm/uuid", "md/level"})
        recorder.file(directory + "/" + attribute);
    for (const std::string& slave : names_in(recorder.root(), slaves))
        recorder.link(slaves + slave);
    if (const auto number = recorder.root().read_line(directory + "/dev"))
        recorder.link("sys/dev/block/" + *number);
    if (recorder.options().serials)
        recorder.file(directory + "/device/serial");
}

void record_network_interface(Recorder& recorder, const std::string& name)
{
    const std::string link = "sys/class/net/" + name;
    const std::string directory = recorder.target(link);
    recorder.link(link);
    recorder.link(directory + "/device");
    recorder.file(directory + "/operstate");
    for (const std::string& below : names_in(recorder.root(), directory))
        if (below.starts_with("lower_")) // what a bond, bridge or VLAN is made of
            recorder.link(directory + "/" + below);
    if (recorder.options().serials)
        recorder.file(directory + "/address");
}

} // namespace

void record_block_and_net(Recorder& recorder)
{
    for (const std::string& name : names_in(recorder.root(), "sys/class/block"))
        if (!name.starts_with("loop") && !name.starts_with("ram"))
            record_block_device(recorder, name);
    for (const std::string& name : names_in(recorder.root(), "sys/class/net"))
        if (name != "lo")
            record_network_interface(recorder, name);
}

} // namespace vfio_early
