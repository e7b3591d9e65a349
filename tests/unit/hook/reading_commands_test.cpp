// SPDX-License-Identifier: GPL-2.0-or-later
// list, plan and check on the seed's machine: whole transcripts, read by a person before they were committed.
#include "tests/unit/hook/program_run.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vfio_early::test {

namespace {

constexpr const char* policy = "bind 01:00.* id=10de:128b,10de:0e0f\n"
                               "bind 08:00.0\n"
                               "bind 0d:00.0 id=1234:5678\n"
                               "[usb]\n"
                               "bind 0a:00.3 with=function\n";

class ReadingCommands : public SystemTest {
protected:
    void start(const std::string& machine, const char* text = policy)
    {
        expand_machine(machine, tree);
        if (text != nullptr)
            tree.write("etc/vfio-early.conf", text);
    }

    void expect_transcript(const std::string& golden, std::vector<std::string> arguments)
    {
        expect_golden(golden, transcript(run(std::move(arguments)), tree));
    }
};

} // namespace

TEST_F(ReadingCommands, ListShowsEndpointsByGroup)
{
    start("ryzen_3400g_iommu_on");
    expect_transcript("list_iommu_on", {"list"});
}

TEST_F(ReadingCommands, ListSaysThatThereIsNoIommu)
{
    start("ryzen_3400g_iommu_off");
    expect_transcript("list_iommu_off", {"list"});
}

TEST_F(ReadingCommands, ListAllShowsBridges)
{
    start("ryzen_3400g_iommu_on");
    const ProgramRun endpoints = run({"list"});
    const ProgramRun all = run({"list", "--all"});
    EXPECT_EQ(endpoints.out.find("0000:03:06.0"), endpoints.out.npos);
    EXPECT_NE(all.out.find("0000:03:06.0"), all.out.npos);
    EXPECT_EQ(all.out.find("bridges)"), all.out.npos);
}

TEST_F(ReadingCommands, TreeFollowsTheBuses)
{
    start("ryzen_3400g_iommu_on");
    expect_transcript("list_tree", {"list", "--tree"});
}

TEST_F(ReadingCommands, ListAsJson)
{
    start("ryzen_3400g_iommu_on");
    const ProgramRun shown = run({"list", "--json"});
    const auto json = nlohmann::json::parse(shown.out);
    EXPECT_EQ(json["schema"], 1);
    EXPECT_EQ(json["functions"].size(), 37U);
    for (const auto& function : json["functions"])
        if (function["address"] == "0000:01:00.0")
            expect_golden("list_json_function", function.dump(2) + "\n");
    EXPECT_EQ(json["unmatched"][0]["refusal"], "missing");
}

TEST_F(ReadingCommands, ListOfABadPolicyShowsTheMachineAndExitsWith2)
{
    start("ryzen_3400g_iommu_on", "bind 01:00.* idd=10de:128b\n");
    const ProgramRun shown = run({"list"});
    EXPECT_EQ(shown.code, 2);
    EXPECT_NE(shown.err.find("/etc/vfio-early.conf:1:14: error:"), shown.err.npos);
    EXPECT_NE(shown.out.find("0000:01:00.0"), shown.out.npos);
    EXPECT_EQ(shown.out.find("will be bound"), shown.out.npos);
}

TEST_F(ReadingCommands, PlanIsTheNextBootNotThisOne)
{
    // snd_hda_intel, a module, has 01:00.1 now; at the next boot nobody has it, so nothing is to be unbound.
    start("ryzen_3400g_iommu_on");
    expect_transcript("plan_iommu_on", {"plan"});
}

TEST_F(ReadingCommands, PlanUnbindsABuiltInDriver)
{
    start("ryzen_3400g_iommu_on", "bind 01:00.1 with=function allow=group\n");
    EXPECT_EQ(run({"plan"}).out.find("unbind"), std::string::npos);
    std::filesystem::remove(tree.path() + "/sys/bus/pci/drivers/snd_hda_intel/module");
    EXPECT_NE(run({"plan"}).out.find("unbind 0000:01:00.1 snd_hda_intel"), std::string::npos);
}

TEST_F(ReadingCommands, PlanForgetsWhatABuiltInVfioPciHasInThisBoot)
{
    start("ryzen_3400g_iommu_on", "bind 0a:00.2 id=1022:15df vfs=4\n");
    const std::string device = "sys/bus/pci/devices/0000:0a:00.2/";
    tree.write(device + "sriov_numvfs", "0\n");
    tree.write(device + "sriov_totalvfs", "8\n");
    std::string uevent = tree.read(device + "uevent");
    const auto driver = uevent.find("DRIVER=ccp");
    ASSERT_NE(driver, uevent.npos);
    tree.write(device + "uevent", uevent.replace(driver, 10, "DRIVER=vfio-pci"));
    tree.write("sys/bus/pci/drivers/vfio-pci/new_id", ""); // built in: no link to a module
    const ProgramRun plan = run({"plan"});
    EXPECT_EQ(plan.code, 0);
    EXPECT_NE(plan.out.find("create 4 virtual functions of 0000:0a:00.2 for vfio-pci"), plan.out.npos) << plan.out;
}

TEST_F(ReadingCommands, PlanOfAGoodPolicyExitsWith0)
{
    start("ryzen_3400g_iommu_on", "bind 01:00.* id=10de:128b,10de:0e0f\n");
    EXPECT_EQ(run({"plan"}).code, 0);
}

TEST_F(ReadingCommands, PlanAsJson)
{
    start("ryzen_3400g_iommu_on");
    expect_transcript("plan_json", {"plan", "--json"});
}

TEST_F(ReadingCommands, PlanTakesAProfile)
{
    start("ryzen_3400g_iommu_on");
    EXPECT_EQ(run({"plan"}).out.find("0000:0a:00.3"), std::string::npos);
    EXPECT_NE(run({"plan", "--profile", "usb"}).out.find("pin 0000:0a:00.3"), std::string::npos);
}

TEST_F(ReadingCommands, ABootThatWasSwitchedOffIsNotTheNextOne)
{
    start("ryzen_3400g_iommu_on");
    tree.write("proc/cmdline", "root=/dev/nfs vfio_early=off\n");
    const ProgramRun shown = run({"plan"});
    EXPECT_NE(shown.out.find("pin 0000:01:00.0"), shown.out.npos);
    EXPECT_NE(shown.err.find("vfio_early=off"), shown.err.npos);
}

TEST_F(ReadingCommands, CheckWarnsOfRefusals)
{
    start("ryzen_3400g_iommu_on");
    expect_transcript("check_refusals", {"check"});
}

TEST_F(ReadingCommands, CheckOfErrorsExitsWith2)
{
    start("ryzen_3400g_iommu_on", "bind 01:00.* idd=10de:128b\nbin 01:00.0\n");
    expect_transcript("check_errors", {"check"});
    const ProgramRun json = run({"check", "--json"});
    EXPECT_EQ(json.code, 2);
    EXPECT_EQ(nlohmann::json::parse(json.out)["diagnostics"][0]["column"], 14);
}

TEST_F(ReadingCommands, CheckTakesAFileOfTheCallers)
{
    start("ryzen_3400g_iommu_on");
    tree.write("mine.conf", "bind 01:00.* id=10de:128b,10de:0e0f\n");
    const ProgramRun checked = run({"check", tree.path() + "/mine.conf"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_EQ(checked.out, "policy with 1 statement: 2 functions will be bound\n");
}

TEST_F(ReadingCommands, CheckWithoutPciChecksTheText)
{
    tree.write("etc/vfio-early.conf", policy);
    const ProgramRun checked = run({"check"});
    EXPECT_EQ(checked.code, 0);
    EXPECT_NE(checked.err.find("only the text was checked"), checked.err.npos);
}

TEST_F(ReadingCommands, CheckWithoutAPolicyExitsWith2)
{
    start("ryzen_3400g_iommu_on", nullptr);
    EXPECT_EQ(run({"check"}).code, 2);
    EXPECT_EQ(run({"plan"}).code, 0);
    EXPECT_EQ(run({"list"}).code, 0);
}

} // namespace vfio_early::test
