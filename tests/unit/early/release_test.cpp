// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/release.hpp"
#include "tests/support/machine_builder.hpp"
#include "tests/support/simulated_kernel.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

const Address nvme = *parse_address("01:00.0");
const Address nic = *parse_address("02:00.0");
const Address gpu = *parse_address("03:00.0");
const Address other = *parse_address("04:00.0");

Outcome bound_by(const Address& address, unsigned line)
{
    Outcome outcome;
    outcome.kind = Outcome::Kind::bound;
    outcome.subject = address.text();
    outcome.address = address;
    outcome.driver = "vfio-pci";
    outcome.where = {"/etc/vfio-early.conf", line, 1};
    return outcome;
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
        report.outcomes = {bound_by(nvme, 1), bound_by(nic, 2), bound_by(gpu, 3)};
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
        for (const Release& release : choose_releases(machine, report, options))
            addresses.push_back(release.function->address);
        return addresses;
    }
    ReleaseResult release()
    {
        return release_functions(choose_releases(machine, report, options), report, kernel, catalog);
    }

    Machine machine;
    Report report;
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

TEST_F(ReleaseTest, WithoutAReportTheOverrideTellsOurs)
{
    report = {};
    options.all = true;
    EXPECT_TRUE(chosen().empty());
    machine.functions[0].driver_override = "vfio-pci";
    EXPECT_EQ(chosen(), (std::vector{nvme}));
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
    EXPECT_EQ(result.report.count(Outcome::Kind::bound), 1U);
    EXPECT_EQ(result.report.count(Outcome::Kind::failed), 2U);
    EXPECT_EQ(result.report.outcomes[0].state, Outcome::State::released);
    EXPECT_EQ(result.report.outcomes[0].where.line, 1U);
}

TEST_F(ReleaseTest, ASecondReleaseFindsNothing)
{
    options.storage = true;
    report = release().report;
    machine.functions[0].driver = "nvme";
    EXPECT_TRUE(chosen().empty());
}

TEST_F(ReleaseTest, PinsAloneAreOursAndLeaveTheDriver)
{
    options.pins = true;
    EXPECT_TRUE(chosen().empty()) << "nothing has an override";
    for (Function& function : machine.functions)
        function.driver_override = "vfio-pci";
    report.outcomes[1].kind = Outcome::Kind::refused;
    report.outcomes[2].kind = Outcome::Kind::held;
    machine.functions[2].driver.clear();
    EXPECT_EQ(chosen(), (std::vector{nvme, gpu})) << "an override that is not ours is somebody else's";

    const ReleaseResult result = unpin_functions(choose_releases(machine, report, options), report, kernel);
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
    options.pins = true;
    machine.functions[0].driver_override = "vfio-pci";
    kernel.hang(nvme);
    const ReleaseResult result = unpin_functions(choose_releases(machine, report, options), report, kernel);
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

TEST(ReleaseClasses, DisksAndNetworks)
{
    const auto of_class = [](std::uint32_t code) { return Ids{1, 1, 1, 1, code}; };
    for (const std::uint32_t code : {0x010802U, 0x010601U, 0x010400U, 0x0c0330U, 0x0c0400U, 0x080501U})
        EXPECT_TRUE(can_hold_disks(of_class(code))) << std::hex << code;
    for (const std::uint32_t code : {0x030000U, 0x020000U, 0x0c0500U, 0x080200U})
        EXPECT_FALSE(can_hold_disks(of_class(code))) << std::hex << code;
    for (const std::uint32_t code : {0x020000U, 0x028000U, 0x0c0600U, 0x0d8000U})
        EXPECT_TRUE(is_network(of_class(code))) << std::hex << code;
    EXPECT_FALSE(is_network(of_class(0x010802)));
}

} // namespace
} // namespace vfio_early::test
