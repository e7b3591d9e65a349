// SPDX-License-Identifier: GPL-2.0-or-later
// add and remove, as a user runs them.
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <sys/stat.h>

namespace vfio_early::test {

namespace {

constexpr const char* policy_file = "etc/vfio-early.conf";

class AddRemove : public testing::Test {
protected:
    void start(const std::string& machine, const char* policy = nullptr)
    {
        current = std::make_unique<TemporaryTree>();
        expand_machine(machine, tree());
        if (policy != nullptr)
            tree().write(policy_file, policy);
    }

    ProgramRun run(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.end(), {"--root", tree().path()});
        return run_ctl(arguments);
    }

    std::string policy() { return tree().read(policy_file); }

    TemporaryTree& tree() { return *current; }

    std::unique_ptr<TemporaryTree> current;
};

} // namespace

TEST_F(AddRemove, AddPinsTheWholeCard)
{
    start("ryzen_3400g_iommu_on", "# what I wrote\nset log debug\n");
    const ProgramRun added = run({"add", "01:00.0"});
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_EQ(policy(), "# what I wrote\nset log debug\n\n"
                        "# 0000:01:00.0 VGA compatible controller: NVIDIA Corporation GK208B [GeForce GT 710]\n"
                        "# 0000:01:00.1 Audio device: NVIDIA Corporation GK208 HDMI/DP Audio Controller\n"
                        "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\n");
    EXPECT_EQ(tree().read("etc/vfio-early.conf~"), "# what I wrote\nset log debug\n");
    EXPECT_NE(added.out.find("update-initramfs -u -k all"), added.out.npos);
    EXPECT_EQ(run({"plan"}).code, 0);
}

TEST_F(AddRemove, AddMakesThePolicyIfThereIsNone)
{
    start("ryzen_3400g_iommu_on");
    ASSERT_EQ(run({"add", "0000:01:00"}).code, 0);
    EXPECT_NE(policy().find("bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\n"), std::string::npos);
    EXPECT_FALSE(tree().exists("etc/vfio-early.conf~"));
}

TEST_F(AddRemove, TheModeOfThePolicyStays)
{
    start("ryzen_3400g_iommu_on", "set log debug\n");
    const std::string path = tree().path() + "/" + policy_file;
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    ASSERT_EQ(run({"add", "01:00.0"}).code, 0);
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(AddRemove, APolicyThatIsALinkStaysOne)
{
    start("ryzen_3400g_iommu_on");
    tree().write("etc/site/policy", "set log debug\n");
    tree().link(policy_file, "site/policy");
    ASSERT_EQ(run({"add", "01:00.0"}).code, 0);
    EXPECT_NE(tree().read("etc/site/policy").find("bind"), std::string::npos);
}

TEST_F(AddRemove, WhatIsTakenAlreadyIsNotAddedTwice)
{
    start("ryzen_3400g_iommu_on", "bind 01:00.*\n");
    const ProgramRun added = run({"add", "01:00.0"});
    EXPECT_EQ(added.code, 0);
    EXPECT_NE(added.out.find("taken already (/etc/vfio-early.conf:1)"), added.out.npos) << added.out;
    EXPECT_EQ(policy(), "bind 01:00.*\n");
}

TEST_F(AddRemove, AGuardRefusesAndItsWordOverrules)
{
    start("ryzen_3400g_iommu_on", "protect 09:00.0 guard=root-nic because=\"/ comes over it\"\n");
    const ProgramRun refused = run({"add", "0a:00.3", "09:00.0"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("0000:09:00.0 10ec:8168 refused: root-nic"), refused.err.npos) << refused.err;
    EXPECT_NE(refused.err.find("allow=root-nic overrules"), refused.err.npos);
    EXPECT_EQ(policy().find("bind"), std::string::npos) << "nothing is written when one of several is refused";
}

TEST_F(AddRemove, AllowIsWrittenIntoTheLine)
{
    start("ryzen_3400g_iommu_on", "protect 0a:00.3 guard=last-keyboard because=\"the keyboard is on it\"\n");
    EXPECT_EQ(run({"add", "0a:00.3"}).code, 1);
    EXPECT_EQ(run({"add", "0a:00.3", "--allow", "last-keyboard"}).code, 0);
    EXPECT_NE(policy().find("bind path=0000:00:08.1/00.3 id=1022:15e0 allow=last-keyboard\n"), std::string::npos)
        << policy();
    EXPECT_EQ(run({"add", "0a:00.4", "--allow", "nonsense"}).code, 2);
}

TEST_F(AddRemove, AGroupThatWouldNotBeViableIsRefused)
{
    start("old_board_one_group");
    const ProgramRun added = run({"add", "02:00.0"});
    EXPECT_EQ(added.code, 1);
    EXPECT_NE(added.err.find("refused: group"), added.err.npos) << added.err;
    EXPECT_FALSE(tree().exists(policy_file));
}

TEST_F(AddRemove, WithoutAnIommuTheLineIsWrittenWithAWarning)
{
    start("ryzen_3400g_iommu_off");
    const ProgramRun added = run({"add", "01:00.0"});
    EXPECT_EQ(added.code, 0);
    EXPECT_NE(added.err.find("warning: 0000:01:00.0 10de:128b refused: no-iommu"), added.err.npos) << added.err;
    EXPECT_NE(policy().find("bind path=0000:00:01.1/00.*"), std::string::npos);
}

TEST_F(AddRemove, WhatStandsAgainstALineIsSaidOnceWithoutAnIommuToo)
{
    start("ryzen_3400g_iommu_off");
    const ProgramRun added = run({"add", "09:00.0"});
    EXPECT_EQ(added.code, 1);
    const auto said = added.err.find("error: 0000:09:00.0 10ec:8168 refused: root-nic");
    ASSERT_NE(said, added.err.npos) << added.err;
    EXPECT_EQ(added.err.find("error: ", said + 1), added.err.npos) << added.err;
}

TEST_F(AddRemove, OfARecordingTheChangeIsShown)
{
    const std::string machine = VFIO_EARLY_SOURCE_DIR "/tests/machines/ryzen_3400g_iommu_on.machine";
    const ProgramRun added = run_ctl({"add", "-n", "01:00.0", "--machine", machine});
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_NE(added.out.find("+bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\n"), added.out.npos) << added.out;
    for (const char* command : {"add", "remove"}) {
        const ProgramRun written = run_ctl({command, "01:00.0", "--machine", machine});
        EXPECT_EQ(written.code, 2);
        EXPECT_NE(written.err.find("a recording cannot be written to"), written.err.npos) << written.err;
    }
}

TEST_F(AddRemove, OneOfTwoIdenticalCardsIsPinnedByItsPath)
{
    start("intel_two_identical_gpus");
    ASSERT_EQ(run({"add", "02:00.0"}).code, 0);
    EXPECT_NE(
        policy().find("bind path=0000:00:01.1/00.* id=10de:1f02,10de:10f9,10de:1ada,10de:1adb subsystem=1462:3732\n"),
        std::string::npos)
        << policy();
}

TEST_F(AddRemove, OnlyTheFunctionNamed)
{
    start("intel_two_identical_gpus");
    ASSERT_EQ(run({"add", "--function", "--dry-run", "02:00.0"}).code, 1) << "its siblings have native drivers";
    const ProgramRun shown = run({"add", "--dry-run", "02:00.0"});
    EXPECT_EQ(shown.code, 0);
    EXPECT_NE(shown.out.find("+bind path=0000:00:01.1/00.*"), shown.out.npos) << shown.out;
    EXPECT_FALSE(tree().exists(policy_file)) << "--dry-run writes nothing";
}

TEST_F(AddRemove, ADriverThatDoesNotExistIsASlip)
{
    start("ryzen_3400g_iommu_on");
    EXPECT_EQ(run({"add", "--driver", "vfio-pcci", "01:00.0"}).code, 1);
    EXPECT_FALSE(tree().exists(policy_file));
}

TEST_F(AddRemove, ProfilesAreSections)
{
    start("ryzen_3400g_iommu_on", "set log debug\n");
    ASSERT_EQ(run({"add", "--profile", "gaming", "01:00.0"}).code, 0);
    EXPECT_NE(policy().find("set log debug\n\n[gaming]\n# 0000:01:00.0"), std::string::npos) << policy();
}

TEST_F(AddRemove, WhatIsNoEndpointIsAUsageError)
{
    start("ryzen_3400g_iommu_on");
    EXPECT_EQ(run({"add"}).code, 2);
    EXPECT_EQ(run({"add", "nonsense"}).code, 2);
    EXPECT_EQ(run({"add", "0d:00.0"}).code, 2);
    EXPECT_EQ(run({"add", "00:01.1"}).code, 2) << "a bridge";
}

TEST_F(AddRemove, ABadPolicyIsNotTouched)
{
    start("ryzen_3400g_iommu_on", "bnid 01:00.0\n");
    EXPECT_EQ(run({"add", "01:00.0"}).code, 2);
    EXPECT_EQ(policy(), "bnid 01:00.0\n");
}

TEST_F(AddRemove, RemoveUndoesAdd)
{
    start("ryzen_3400g_iommu_on", "# mine\nset log debug\n");
    ASSERT_EQ(run({"add", "01:00.0"}).code, 0);
    const ProgramRun removed = run({"remove", "01:00.0"});
    EXPECT_EQ(removed.code, 0) << removed.err;
    EXPECT_EQ(policy(), "# mine\nset log debug\n");
    EXPECT_NE(removed.err.find("the line takes 0000:01:00.1 too"), removed.err.npos);
    EXPECT_NE(removed.out.find("update-initramfs"), removed.out.npos);
}

TEST_F(AddRemove, AStatementThatTakesMoreIsLeftAlone)
{
    start("nvme_host", "# all of them\nbind class=nvme id=144d:a808 all\n");
    const ProgramRun removed = run({"remove", "01:00.0"});
    EXPECT_EQ(removed.code, 1);
    EXPECT_NE(removed.err.find("/etc/vfio-early.conf:2 takes 0000:02:00.0, 0000:03:00.0"), removed.err.npos)
        << removed.err;
    EXPECT_EQ(policy(), "# all of them\nbind class=nvme id=144d:a808 all\n");
}

TEST_F(AddRemove, AFunctionThatIsGoneIsFoundByItsCommentOrPath)
{
    const char* text = "# 0000:0d:00.0 a card that was sold\nbind path=0000:00:01.3/00.* id=1234:5678\nbind 01:00.*\n";
    start("ryzen_3400g_iommu_on", text);
    EXPECT_EQ(run({"remove", "0d:00.0"}).code, 0);
    EXPECT_EQ(policy(), "bind 01:00.*\n");
    start("ryzen_3400g_iommu_on", text);
    EXPECT_EQ(run({"remove", "0000:00:01.3/00.*"}).code, 0);
    EXPECT_EQ(policy(), "bind 01:00.*\n");
}

TEST_F(AddRemove, DropInsAreEditedWhereTheyAre)
{
    start("ryzen_3400g_iommu_on", "set log debug\n");
    tree().write("etc/vfio-early.conf.d/usb.conf", "bind 0a:00.3 with=function\nset log debug\n");
    EXPECT_EQ(run({"remove", "0a:00.3"}).code, 0);
    EXPECT_EQ(tree().read("etc/vfio-early.conf.d/usb.conf"), "set log debug\n");
    EXPECT_EQ(policy(), "set log debug\n");
}

TEST_F(AddRemove, WhatACredentialSaysIsNotEdited)
{
    start("ryzen_3400g_iommu_on", "# nothing\n");
    tree().write("run/vfio-early/credentials/vfio-early.conf", "bind 01:00.* id=10de:128b,10de:0e0f\n");
    EXPECT_NE(run({"plan"}).out.find("credential:vfio-early.conf:1"), std::string::npos) << run({"plan"}).out;
    const ProgramRun removed = run({"remove", "01:00.0"});
    EXPECT_EQ(removed.code, 1);
    EXPECT_NE(removed.err.find("credential:vfio-early.conf:1 came with this boot"), std::string::npos) << removed.err;
    EXPECT_EQ(policy(), "# nothing\n");
}

TEST_F(AddRemove, WhatNoStatementTakesIsAnError)
{
    start("ryzen_3400g_iommu_on", "bind 01:00.*\n");
    EXPECT_EQ(run({"remove", "0a:00.0"}).code, 1);
    EXPECT_EQ(run({"remove", "01:00.0", "0a:00.0"}).code, 1);
    EXPECT_EQ(policy(), "bind 01:00.*\n");
}

} // namespace vfio_early::test
