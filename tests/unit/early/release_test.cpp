// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/release_command.hpp"
#include "tests/support/machine_builder.hpp"
#include "tests/support/simulated_kernel.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

const Address nvme = *parse_address("01:00.0");
const Address nic = *parse_address("02:00.0");
const Address gpu = *parse_address("03:00.0");
const Address other = *parse_address("04:00.0");

Taken taken_by(unsigned line, bool may_hold_root = false)
{
    return {may_hold_root, "vfio-early.conf:" + std::to_string(line)};
}

/// A disk, a NIC and a display on vfio-pci by statements 1 to 3, and a disk that its native driver has.
class ReleaseTest : public testing::Test {
protected:
    ReleaseTest()
    {
        MachineBuilder builder;
        builder.add("01:00.0", "144d:a80a", 0x010802).group(1).driver("vfio-pci");
        builder.add("02:00.0", "8086:10d3", 0x020000).group(2).driver("vfio-pci");
        builder.add("03:00.0", "10de:128b", 0x030000).group(3).driver("vfio-pci");
        builder.add("04:00.0", "144d:a80a", 0x010802).group(4).driver("nvme");
        machine = builder.build();
        taken = {{nvme, taken_by(1)}, {nic, taken_by(2, true)}, {gpu, taken_by(3)}};
        catalog.aliases = {{"pci:v0000144D*", "nvme"}, {"pci:v00008086*", "e1000e"}};
        kernel.drivers_of_modules["nvme"] = "";
        kernel.drivers_of_modules["e1000e"] = "";
        kernel.functions[nvme] = {"vfio-pci", "vfio-pci", "nvme", 1, 0, false};
        kernel.functions[nic] = {"vfio-pci", "vfio-pci", "e1000e", 2, 0, false};
        kernel.functions[gpu] = {"vfio-pci", "vfio-pci", "nouveau", 3, 0, false};
        kernel.functions[other] = {"nvme", "", "nvme", 4, 0, false};
    }

    std::vector<Address> chosen() const
    {
        std::vector<Address> addresses;
        for (const Release& release : choose_releases(machine, taken, options))
            addresses.push_back(release.function->address);
        return addresses;
    }
    ReleaseResult release() { return release_functions(choose_releases(machine, taken, options), kernel, catalog); }

    Machine machine;
    std::map<Address, Taken> taken;
    Options options;
    MapCatalog catalog;
    SimulatedKernel kernel;
};

TEST_F(ReleaseTest, ChoosesByClassAndByAddress)
{
    options.storage = true;
    EXPECT_EQ(chosen(), (std::vector{nvme})) << "not the disk that nobody took";
    options.network = true;
    EXPECT_EQ(chosen(), (std::vector{nvme, nic}));
    options = {};
    options.all = true;
    EXPECT_EQ(chosen(), (std::vector{nvme, nic, gpu}));
    options = {};
    options.addresses = {gpu, other};
    EXPECT_EQ(chosen(), (std::vector{gpu}));
}

TEST_F(ReleaseTest, WhatSomebodyElsePinnedIsNotOurs)
{
    taken.erase(nvme);
    machine.functions[0].driver_override = "vfio-pci"; // by libvirt or driverctl
    options.all = true;
    EXPECT_EQ(chosen(), (std::vector{nic, gpu}));
    options = {};
    options.addresses = {nvme};
    EXPECT_TRUE(chosen().empty());
}

TEST_F(ReleaseTest, RecoveryTakesOnlyWhatRootMayBeOn)
{
    options.root_holders = true;
    EXPECT_EQ(chosen(), (std::vector{nic}));
}

TEST_F(ReleaseTest, GivesBackAndNamesTheStatement)
{
    options.storage = true;
    options.network = true;
    const ReleaseResult result = release();

    const std::vector<std::string> expected{"pin 0000:01:00.0 -", "read 0000:01:00.0",  "unbind 0000:01:00.0 vfio-pci",
                                            "pin 0000:02:00.0 -", "read 0000:02:00.0",  "unbind 0000:02:00.0 vfio-pci",
                                            "load nvme",          "load e1000e",        "probe 0000:01:00.0",
                                            "read 0000:01:00.0",  "probe 0000:02:00.0", "read 0000:02:00.0"};
    EXPECT_EQ(kernel.calls, expected);
    EXPECT_TRUE(result.complete);
    ASSERT_EQ(result.records.size(), 2U);
    EXPECT_EQ(result.records[0].level, 4);
    EXPECT_EQ(result.records[0].text, "vfio-early: 0000:01:00.0 144d:a80a given back to nvme by vfio-early release; "
                                      "it was taken by vfio-early.conf:1");
    EXPECT_EQ(result.report.count(Outcome::Kind::failed), 2U);
    EXPECT_EQ(result.report.outcomes[0].state, Outcome::State::released);
}

TEST_F(ReleaseTest, PinsAloneAreOursAndLeaveTheDriver)
{
    options.pins = true;
    taken.erase(nic);
    machine.functions[1].driver_override = "vfio-pci"; // somebody else's
    machine.functions[2].driver.clear();
    EXPECT_EQ(chosen(), (std::vector{nvme, gpu}));

    const ReleaseResult result = unpin_functions(choose_releases(machine, taken, options), kernel);
    EXPECT_EQ(kernel.calls, (std::vector<std::string>{"pin 0000:01:00.0 -", "pin 0000:03:00.0 -"}));
    EXPECT_TRUE(result.complete);
    ASSERT_EQ(result.records.size(), 2U);
    EXPECT_EQ(result.records[0].text,
              "vfio-early: 0000:01:00.0 144d:a80a override cleared; vfio-pci has it until the next "
              "boot; it was taken by vfio-early.conf:1");
    EXPECT_EQ(
        result.records[1].text,
        "vfio-early: 0000:03:00.0 10de:128b override cleared; no driver has it; it was taken by vfio-early.conf:3");
}

TEST_F(ReleaseTest, SaysWhichPinCouldNotBeCleared)
{
    options.addresses = {nvme};
    kernel.hang(nvme);
    const ReleaseResult result = unpin_functions(choose_releases(machine, taken, options), kernel);
    EXPECT_FALSE(result.complete);
    ASSERT_EQ(result.records.size(), 1U);
    EXPECT_EQ(result.records[0].level, 3);
}

TEST_F(ReleaseTest, SaysWhatCouldNotBeGivenBack)
{
    options.storage = true;
    kernel.hang(nvme);
    const ReleaseResult result = release();
    EXPECT_FALSE(result.complete);
    EXPECT_EQ(result.report.outcomes[0].state, Outcome::State::held);
    EXPECT_EQ(result.records[0].level, 3);
    EXPECT_NE(result.records[0].text.find("timed out: clear the override"), std::string::npos)
        << result.records[0].text;
}

} // namespace
} // namespace vfio_early::test
