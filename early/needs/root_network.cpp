// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/root_network.hpp"

#include "early/model/text.hpp"
#include "early/needs/block_tree.hpp"
#include "early/needs/network_tree.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

/// What the network is needed for, and all that may tell which interface it takes.
struct Evidence {
    std::string reason;
    bool root_itself = false;
    std::string hardware_address; ///< of BOOTIF=
    std::string interface;        ///< of ip=
    std::optional<std::uint32_t> server;
};

/// addr= of the options, or the host before the colon of the source.
std::optional<std::uint32_t> server_of(const Mount& mount)
{
    for (const std::string_view option : split(mount.options, ','))
        if (option.starts_with("addr="))
            return parse_ipv4(option.substr(5));
    return parse_ipv4(std::string_view(mount.source).substr(0, mount.source.find(':')));
}

void read_mounts(const Root& root, Evidence& evidence)
{
    const auto mounts = parse_mountinfo(root.read("proc/self/mountinfo", std::size_t{8} << 20U).value_or(""));
    const BlockTree tree(root, mounts, nullptr);
    for (const std::string point : {"/", "/usr"}) {
        const Mount* mount = mounted_at(mounts, point);
        if (mount == nullptr || !evidence.reason.empty())
            continue;
        if (is_remote(mount->type) && mount->type != "9p" && mount->type != "virtiofs") {
            evidence.reason = point + " is on " + mount->type;
            evidence.root_itself = true;
            evidence.server = server_of(*mount);
            continue;
        }
        for (const std::string& device : tree.devices_of(*mount)) {
            for (const std::string& bottom : tree.bottom_of(device)) {
                // A session without a PCI function above it is iSCSI by software: devices/platform/host3/session1.
                const std::string link = tree.sysfs_link(bottom);
                const bool no_function = tree.functions_of(bottom).empty();
                if (no_function && link.find("/session") != std::string::npos)
                    evidence.reason = point + " is on iSCSI (" + bottom + ")";
                // devices/virtual/nvme-fabrics/ctl/nvme0, or nvme-subsystem with such controllers alone.
                else if (no_function && link.find("/virtual/nvme-") != std::string::npos)
                    evidence.reason = point + " is on NVMe over fabrics (" + bottom + ")";
                else if (bottom.starts_with("nbd") || bottom.starts_with("rbd"))
                    evidence.reason = point + " is on " + bottom;
                evidence.root_itself = !evidence.reason.empty();
            }
        }
    }
}

/// ip=CLIENT:SERVER:GATEWAY:MASK:HOST:DEVICE:HOW (Documentation/admin-guide/nfs/nfsroot.rst), or
/// ip=DEVICE:HOW (dracut.cmdline(7)). An address of IPv6 has colons of its own, in brackets.
std::string interface_of_ip(const Root& root, std::string_view value)
{
    for (const std::string_view field : split(value, ':'))
        if (!field.empty() && field.find('/') == std::string_view::npos &&
            root.exists("sys/class/net/" + std::string(field) + "/device"))
            return std::string(field);
    return {};
}

/// BOOTIF=01-aa-bb-cc-dd-ee-ff: the kind of hardware, then the address (PXELINUX, iPXE).
std::string address_of_bootif(std::string_view value)
{
    constexpr std::size_t address_length = 17;
    if (value.size() > address_length)
        value = value.substr(value.size() - address_length);
    std::string address = lower_case(value);
    std::ranges::replace(address, '-', ':');
    return address;
}

void read_command_line(const Root& root, const BootRequest& request, Evidence& evidence)
{
    if (!request.root.network_word.empty() && !evidence.root_itself) {
        evidence.root_itself = true;
        evidence.reason = "the kernel command line asks for the network with " + request.root.network_word + "=";
    }
    for (const auto& [key, value] : request.parameters) {
        if (key == "BOOTIF")
            evidence.hardware_address = address_of_bootif(value);
        if (key != "ip" || value == "off" || value == "none")
            continue;
        evidence.interface = interface_of_ip(root, value);
        // ip= stands on the command line for other reasons, too.
        if (evidence.reason.empty())
            evidence.reason = "the kernel command line asks for the network with ip=";
    }
}

std::vector<std::string> interfaces_for(const Root& root, const Evidence& evidence)
{
    std::string interface;
    if (!evidence.hardware_address.empty())
        interface = interface_with_address(root, evidence.hardware_address);
    if (interface.empty())
        interface = evidence.interface;
    if (interface.empty())
        interface = interface_towards(parse_routes(root.read("proc/net/route").value_or("")), evidence.server);
    auto physical = interface.empty() ? std::vector<std::string>() : physical_interfaces(root, interface);
    return physical.empty() ? usable_interfaces(root) : physical;
}

} // namespace

NetworkRoot functions_behind_network_root(const Root& root, const BootRequest& request)
{
    Evidence evidence;
    read_mounts(root, evidence);
    read_command_line(root, request, evidence);
    NetworkRoot result;
    result.reason = evidence.reason;
    result.root_itself = evidence.root_itself;
    if (result.reason.empty())
        return result;
    for (const std::string& interface : interfaces_for(root, evidence))
        for (const Address& function : functions_of_interface(root, interface))
            result.needed.functions.push_back({function, result.reason + ", over " + interface, result.root_itself});
    std::ranges::sort(result.needed.functions);
    if (result.needed.functions.empty())
        result.needed.root_unknown = result.reason + ", and no interface is known that leads there";
    return result;
}

} // namespace vfio_early
