// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/boot_command_line.hpp"
#include "early/needs/network_tree.hpp"
#include "early/needs/root_network.hpp"
#include "tests/support/fixture_blocks.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace vfio_early::test {
namespace {

constexpr Ids nic_ids{0x10ec, 0x8168, 0x1458, 0xe000, 0x020000};

/// As /proc/net/route prints an address.
std::string route_number(const char* address)
{
    return upper_hex(parse_ipv4(address).value(), 8);
}

NetworkRoot network_root_of(const FixtureTree& tree)
{
    const Root root = tree.root();
    return functions_behind_network_root(root, parse_boot_request(boot_command_line(root).value_or("")));
}

/// Two NICs, eth0 up and eth1 down, and a bridge over eth1.
class RootNetwork : public testing::Test {
protected:
    RootNetwork()
    {
        make_nic("eth0", "0000:00:03.0", "52:54:00:00:00:01", "up");
        make_nic("eth1", "0000:00:04.0", "52:54:00:00:00:02", "down");
        tree.make_link("sys/class/net/br0", "../../devices/virtual/net/br0");
        tree.make_link("sys/devices/virtual/net/br0/lower_eth1", "../../../pci0000:00/0000:00:04.0/net/eth1");
        tree.make_file("sys/devices/virtual/net/br0/address", "52:54:00:00:00:02\n");
    }

    void make_nic(const std::string& name, const std::string& address, const std::string& hardware,
                  const std::string& state)
    {
        const std::string device = "pci0000:00/" + address;
        make_function(tree, {device, nic_ids, 3, "r8169"});
        tree.make_file("sys/devices/" + device + "/net/" + name + "/address", hardware + "\n");
        tree.make_file("sys/devices/" + device + "/net/" + name + "/operstate", state + "\n");
        tree.make_link("sys/devices/" + device + "/net/" + name + "/device", "../../../" + address);
        tree.make_link("sys/class/net/" + name, "../../devices/" + device + "/net/" + name);
    }
    void make_routes(const std::vector<std::array<const char*, 3>>& routes)
    {
        std::string text = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        for (const auto& [interface, destination, mask] : routes)
            text += std::string(interface) + "\t" + route_number(destination) + "\t00000000\t0001\t0\t0\t100\t" +
                    route_number(mask) + "\t0\t0\t0\n";
        tree.make_file("proc/net/route", text);
    }

    std::string found() const
    {
        const NetworkRoot result = network_root_of(tree);
        std::string text;
        for (const NeededFunction& function : result.needed.functions)
            text += function.address.text() + " " + function.what + "\n";
        if (!result.needed.root_unknown.empty())
            text += "unknown: " + result.needed.root_unknown + "\n";
        return text;
    }

    FixtureTree tree;
    FixtureBlocks blocks{tree};
};

TEST_F(RootNetwork, ADiskNeedsNoNetwork)
{
    blocks.mount("8:1", "/", "ext4", "/dev/sda1");
    tree.make_file("proc/cmdline", "root=/dev/sda1 BOOTIF=01-52-54-00-00-00-01 ip=off\n");
    EXPECT_EQ(found(), "");
    EXPECT_EQ(network_root_of(tree).reason, "");
}

TEST_F(RootNetwork, NfsTakesTheRouteToItsServer)
{
    blocks.mount("0:20", "/", "nfs4", "server:/srv", "rw,addr=192.0.2.7");
    make_routes({{"eth0", "0.0.0.0", "0.0.0.0"}, {"br0", "192.0.2.0", "255.255.255.0"}});
    EXPECT_EQ(found(), "0000:00:04.0 / is on nfs4, over eth1\n") << "the bridge's port";
    make_routes({{"eth0", "0.0.0.0", "0.0.0.0"}, {"br0", "198.51.100.0", "255.255.255.0"}});
    EXPECT_EQ(found(), "0000:00:03.0 / is on nfs4, over eth0\n") << "the default route";
}

TEST_F(RootNetwork, WithoutARouteEveryInterfaceThatIsUp)
{
    blocks.mount("0:20", "/", "nfs", "192.0.2.7:/srv");
    EXPECT_EQ(found(), "0000:00:03.0 / is on nfs, over eth0\n");
    tree.make_file("sys/devices/pci0000:00/0000:00:03.0/net/eth0/operstate", "down\n");
    EXPECT_EQ(found(), "0000:00:03.0 / is on nfs, over eth0\n0000:00:04.0 / is on nfs, over eth1\n");
}

TEST_F(RootNetwork, BootifIsTheSurestSign)
{
    tree.make_file("proc/cmdline", "root=/dev/nfs nfsroot=192.0.2.7:/srv ip=dhcp BOOTIF=01-52-54-00-00-00-02\n");
    make_routes({{"eth0", "0.0.0.0", "0.0.0.0"}});
    EXPECT_EQ(found(), "0000:00:04.0 the kernel command line asks for the network with nfsroot=, over eth1\n");
}

TEST_F(RootNetwork, IpNamesAnInterface)
{
    tree.make_file("proc/cmdline", "ip=192.0.2.2::192.0.2.1:255.255.255.0:host:eth1:off\n");
    EXPECT_EQ(found(), "0000:00:04.0 the kernel command line asks for the network with ip=, over eth1\n");
    tree.make_file("proc/cmdline", "netroot=iscsi:192.0.2.7::::iqn.x ip=eth1:dhcp\n");
    EXPECT_EQ(found(), "0000:00:04.0 the kernel command line asks for the network with netroot=, over eth1\n");
}

TEST_F(RootNetwork, IscsiAndNbdDisks)
{
    const std::string device = blocks.make_disk("sdx", "platform/host3/session1/target3:0:0/3:0:0:0");
    blocks.mount(device, "/", "ext4", "/dev/sdx");
    EXPECT_EQ(found(), "0000:00:03.0 / is on iSCSI (sdx), over eth0\n");

    FixtureBlocks other(tree);
    const std::string network_disk = blocks.make_stack("nbd0", {});
    other.mount(network_disk, "/", "ext4", "/dev/nbd0");
    EXPECT_EQ(found(), "0000:00:03.0 / is on nbd0, over eth0\n");
}

TEST_F(RootNetwork, BeforeTheDriversAreThereNothingIsKnown)
{
    FixtureTree early;
    early.make_file("proc/cmdline", "root=/dev/nfs ip=dhcp\n");
    const NetworkRoot result = network_root_of(early);
    EXPECT_FALSE(result.reason.empty());
    EXPECT_TRUE(result.needed.functions.empty());
    EXPECT_FALSE(result.needed.root_unknown.empty());
}

TEST(NetworkTree, TheLongestRouteWinsThenTheSmallestMetric)
{
    const auto number = [](const char* address) { return parse_ipv4(address).value(); };
    const std::vector<Route> routes{{"a", 0, 0, 200},
                                    {"b", 0, 0, 100},
                                    {"c", number("192.0.2.0"), number("255.255.255.0"), 900},
                                    {"d", number("192.0.0.0"), number("255.255.0.0"), 1}};
    EXPECT_EQ(interface_towards(routes, number("192.0.2.9")), "c");
    EXPECT_EQ(interface_towards(routes, number("192.0.3.9")), "d");
    EXPECT_EQ(interface_towards(routes, number("198.51.100.1")), "b");
    EXPECT_EQ(interface_towards(routes, {}), "b");
    EXPECT_EQ(interface_towards({}, {}), "");
    EXPECT_EQ(parse_ipv4("fe80::1"), std::nullopt);
}

} // namespace
} // namespace vfio_early::test
