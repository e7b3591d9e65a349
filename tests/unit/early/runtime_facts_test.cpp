// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/scan.hpp"
#include "early/needs/boot_command_line.hpp"
#include "early/needs/runtime_facts.hpp"
#include "tests/support/fixture_blocks.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

constexpr Ids disk_ids{0x144d, 0xa80a, 0x144d, 0xa801, 0x010802};
constexpr Ids nic_ids{0x10ec, 0x8168, 0x1458, 0xe000, 0x020000};

/// An NVMe controller whose driver is built in, and two NICs without a driver.
class RuntimeFacts : public testing::Test {
protected:
    RuntimeFacts()
    {
        make_function(tree, {"pci0000:00/0000:00:02.0", disk_ids, 1, "nvme"});
        make_function(tree, {"pci0000:00/0000:00:03.0", nic_ids, 2});
        make_function(tree, {"pci0000:00/0000:00:04.0", nic_ids, 3});
    }

    /// "root-disk 0000:00:02.0 / is on nvme0n1", a line each.
    std::string found() const
    {
        const Root root = tree.root();
        const BootRequest request = parse_boot_request(boot_command_line(root).value_or(""));
        std::string text;
        for (const ProtectStatement& fact : runtime_facts(root, scan_pci(root).value(), policy, request)) {
            text += std::string(refusal_word(fact.guard)) + " " + fact.selector.address->single()->text() + " " +
                    fact.because + "\n";
        }
        return text;
    }

    FixtureTree tree;
    Policy policy;
};

TEST_F(RuntimeFacts, TheDiskThatRootNames)
{
    tree.make_file("proc/cmdline", "root=/dev/nvme0n1\n");
    EXPECT_EQ(found(), "") << "its driver is not there yet";
    FixtureBlocks blocks(tree);
    blocks.make_disk("nvme0n1", "pci0000:00/0000:00:02.0/nvme/nvme0");
    EXPECT_EQ(found(), "root-disk 0000:00:02.0 / is on nvme0n1\n");
}

TEST_F(RuntimeFacts, EveryNicWhileItsNameIsUnknown)
{
    tree.make_file("proc/cmdline", "root=/dev/nfs nfsroot=192.0.2.1:/srv ip=dhcp\n");
    const std::string because =
        " the kernel command line asks for the network with nfsroot=, and which card leads there is not known yet\n";
    EXPECT_EQ(found(), "root-nic 0000:00:03.0" + because + "root-nic 0000:00:04.0" + because);
    ProtectStatement fact;
    fact.guard = Refusal::root_nic;
    policy.protects.push_back(fact);
    EXPECT_EQ(found(), "") << "the image knows which one";
}

TEST_F(RuntimeFacts, AnAddressAloneProtectsNothing)
{
    tree.make_file("proc/cmdline", "ip=dhcp root=/dev/sda1\n");
    EXPECT_EQ(found(), "");
}

} // namespace
} // namespace vfio_early::test
