// SPDX-License-Identifier: GPL-2.0-or-later
// import on recorded machines: what it prints is a policy that takes the same functions as the old configuration.
#include "early/model/policy.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vfio_early::test {

namespace {

class Import : public SystemTest {
protected:
    /// The addresses that the next boot binds, after `import --write`.
    std::vector<std::string> bound_after_import()
    {
        EXPECT_EQ(run({"import", "--write"}).code, 0);
        std::vector<std::string> bound;
        const auto plan = nlohmann::json::parse(run({"plan", "--json"}).out);
        for (const auto& function : plan["functions"])
            bound.push_back(function["address"]);
        return bound;
    }

    /// Writes `text` to a file and imports that one.
    ProgramRun import_text(const std::string& text, std::vector<std::string> more = {})
    {
        tree.write("tmp/source", text);
        more.insert(more.begin(), {"import", tree.path() + "/tmp/source"});
        return run(more);
    }
};

} // namespace

using Addresses = std::vector<std::string>;

TEST_F(Import, TheSeedsMachineBindsBothFunctions)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    EXPECT_EQ(bound_after_import(), (Addresses{"0000:01:00.0", "0000:01:00.1"}));
}

TEST_F(Import, WhatItPrintsIsAPolicyOnEveryMachine)
{
    for (const char* machine : {"ryzen_3400g_iommu_off", "ryzen_3400g_iommu_on", "intel_two_identical_gpus",
                                "server_8_gpus", "hybrid_laptop", "nvme_host", "old_board_one_group", "recipe_rx560"}) {
        TemporaryTree other;
        expand_machine(machine, other);
        const ProgramRun imported = run_ctl({"import", "--all", "--root", other.path()});
        EXPECT_EQ(imported.code, 0) << imported.err;
        const std::vector<PolicyFile> files{{.name = machine, .text = imported.out}};
        EXPECT_TRUE(parse_policy(files).ok()) << imported.out;
        expect_golden(std::string("import_") + machine, transcript(run_ctl({"import", "--root", other.path()}), other));
    }
}

TEST_F(Import, IdenticalCardsStayAllWithTheLineForEachBeside)
{
    expand_machine("intel_two_identical_gpus", tree);
    EXPECT_EQ(bound_after_import().size(), 8U);
    const ProgramRun imported = run_ctl({"import", "--policy", tree.path() + "/none", "--root", tree.path()});
    EXPECT_NE(imported.out.find("\nbind id=10de:10f9,10de:1ada,10de:1adb,10de:1f02 all\n"), imported.out.npos);
    EXPECT_NE(imported.out.find("\n#bind path=0000:00:01.1/00.*"), imported.out.npos);
}

TEST_F(Import, WhatThePolicyTakesIsNotImportedTwice)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    ASSERT_EQ(run({"import", "--write"}).code, 0);
    const std::string policy = tree.read("etc/vfio-early.conf");
    const ProgramRun again = run({"import", "--write"});
    EXPECT_EQ(again.code, 0);
    EXPECT_EQ(tree.read("etc/vfio-early.conf"), policy);
    EXPECT_NE(again.err.find("the policy takes 0000:01:00.0, 0000:01:00.1 already"), again.err.npos) << again.err;
}

TEST_F(Import, OptionsAreNotImportedTwiceEither)
{
    expand_machine("recipe_rx560", tree);
    ASSERT_EQ(run({"import", "--write"}).code, 0);
    tree.write("proc/cmdline", "intel_iommu=on\n");
    const ProgramRun again = run({"import"});
    EXPECT_EQ(again.out.find("set module"), again.out.npos) << again.out;
}

TEST_F(Import, SoundThatTwoCardsShareStaysWithTheCardThatIsNotNamed)
{
    expand_machine("intel_two_identical_gpus", tree);
    // A GTX 1080 whose sound function has the id of the RTX's.
    const std::string path = "sys/bus/pci/devices/0000:02:00.0/uevent";
    std::string uevent = tree.read(path);
    uevent.replace(uevent.find("10DE:1F02"), 9, "10DE:1B80");
    tree.write("sys/devices/pci0000:00/0000:00:01.1/0000:02:00.0/uevent", uevent);
    const ProgramRun imported = import_text("options vfio-pci ids=10de:1f02,10de:10f9\n");
    EXPECT_NE(imported.out.find("\nbind path=0000:00:01.0/00.*"), imported.out.npos) << imported.out;
    EXPECT_EQ(imported.out.find("0000:00:01.1"), imported.out.npos);
    EXPECT_NE(imported.err.find("0000:02:00.1 10de:10f9 is the same as a function of 0000:01:00.0"), imported.err.npos)
        << imported.err;
}

TEST_F(Import, AnIdAtAnAddressThatIsAnotherNowIsNotTaken)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    const ProgramRun imported = import_text("BIND=0000:08:00.0|10de:128b 0000:0d:00.0 01:00.0|10de:128b\n");
    EXPECT_NE(imported.out.find("bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\n"), imported.out.npos);
    EXPECT_EQ(imported.out.find("1b21:0612"), imported.out.npos);
    EXPECT_NE(imported.out.find("keep: 0000:0d:00.0 is not in this machine"), imported.out.npos) << imported.out;
}

TEST_F(Import, UnraidTakesTheWholeGroup)
{
    expand_machine("old_board_one_group", tree);
    const ProgramRun imported = import_text("BIND=0000:02:00.0\n");
    EXPECT_NE(imported.out.find("0000:02:01.0"), imported.out.npos);
    EXPECT_NE(imported.out.find("0000:00:1f.2"), imported.out.npos);
}

TEST_F(Import, XenWordsGoOnceTheMachineRunsWithoutXen)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    const std::string words = "root=/dev/sda1 xen-pciback.hide=(01:00.0)(01:00.1)\n";
    EXPECT_NE(import_text(words).out.find("may be deleted"), std::string::npos);
    tree.write("sys/hypervisor/type", "xen\n");
    EXPECT_NE(import_text(words).out.find("keep: this machine runs below Xen"), std::string::npos);
}

TEST_F(Import, ABlacklistThatAlsoServesTheHostIsKept)
{
    expand_machine("intel_two_identical_gpus", tree);
    // The host's own card runs with NVIDIA's driver, and needs nouveau away.
    const std::string device = "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/";
    std::string uevent = tree.read(device + "uevent");
    uevent.replace(uevent.find("vfio-pci"), 8, "nvidia");
    tree.write(device + "uevent", uevent);
    tree.write("etc/modprobe.d/vfio.conf", "");
    tree.write("etc/driverctl.d/pci-0000:02:00.0", "vfio-pci\n");
    const ProgramRun imported = run({"import"});
    EXPECT_NE(imported.out.find("keep: it also keeps nouveau from 0000:01:00.0 (nvidia)"), imported.out.npos)
        << imported.out;
}

TEST_F(Import, AMappingThatNobodyKnowsIsNotUnderstood)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    const ProgramRun imported = import_text("hostpci0: mapping=gpu,pcie=1\n");
    EXPECT_NE(imported.out.find("not understood: there is no mapping gpu"), imported.out.npos) << imported.out;
}

TEST_F(Import, AsJson)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    const auto json = nlohmann::json::parse(run({"import", "--json"}).out);
    EXPECT_EQ(json["schema"], 1);
    ASSERT_EQ(json["policy"].size(), 1U);
    EXPECT_EQ(json["policy"][0]["statement"], "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f");
    EXPECT_EQ(json["policy"][0]["functions"], nlohmann::json({"0000:01:00.0", "0000:01:00.1"}));
    bool found = false;
    for (const auto& line : json["lines"]) {
        if (line["file"] == "/etc/modprobe.d/vfio.conf") {
            EXPECT_EQ(line["verdict"], "delete");
            found = true;
        }
    }
    EXPECT_TRUE(found);
}

TEST_F(Import, UnknownFormatsAreUsageErrors)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    EXPECT_EQ(import_text("Dear Sir, how are you?\n").code, 2);
    EXPECT_EQ(import_text("vfio\n", {"--from", "nonsense"}).code, 2);
    EXPECT_EQ(import_text("vfio\n", {"--from", "modules"}).code, 0);
    EXPECT_EQ(run({"import", tree.path() + "/not/there"}).code, 2);
}

} // namespace vfio_early::test
