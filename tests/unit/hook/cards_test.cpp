// SPDX-License-Identifier: GPL-2.0-or-later
// What a card is: which functions go along, and which a virtual machine cannot have alone.
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

class Cards : public SystemTest {};

} // namespace

TEST_F(Cards, SoundOfTheBoardCannotBeHadApart)
{
    expand_machine("intel_two_identical_gpus", tree);
    const ProgramRun added = run({"add", "00:1f.3"});
    EXPECT_EQ(added.code, 1);
    EXPECT_TRUE(has_words(added.err, "0000:00:1f.3 8086:a348 refused: group"));
    EXPECT_TRUE(has_words(added.err,
                          "note: IOMMU group 7 goes to one virtual machine as a whole, or stays with the host: "
                          "0000:00:1f.3 Audio device, 0000:00:1f.4 SMBus, 0000:00:1f.6 Ethernet controller. "
                          "They are parts of the board, and no other slot helps\n"));
    EXPECT_FALSE(tree.exists("etc/vfio-early.conf"));
}

TEST_F(Cards, AnotherWayTakesNoMoreOfTheBoardThanItNames)
{
    expand_machine("intel_two_identical_gpus", tree);
    tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=8086:a348\n");
    tree.write(
        "etc/libvirt/qemu/VM.xml",
        "<domain type=\"kvm\"><devices><hostdev mode=\"subsystem\" type=\"pci\"><source><address domain=\"0x0000\" "
        "bus=\"0x00\" slot=\"0x1f\" function=\"0x3\"/></source></hostdev></devices></domain>\n");
    const ProgramRun imported = run({"import"});
    EXPECT_TRUE(has_words(imported.out, "\nbind path=0000:00:1f.3 id=8086:a348 subsystem=1462:9b17\n"));
    EXPECT_FALSE(has_words(imported.out, "0000:00:1f.4"));
    const ProgramRun doctor = run({"doctor"});
    EXPECT_FALSE(has_words(doctor.out, "domain-sibling-missing")) << doctor.out;
    EXPECT_TRUE(has_words(doctor.out, "Leave it to the host: it is a part of the board, and no other slot helps"));
}

TEST_F(Cards, TheAcsOverrideDoesNotDivideAGraphicsCard)
{
    expand_machine_text("base intel_two_identical_gpus\n"
                        "function 0000:02:00.1 under=0000:00:01.1 id=10de:10f9 class=040300 group=21\n"
                        "function 0000:02:00.2 under=0000:00:01.1 id=10de:1ada class=0c0330 group=22\n"
                        "function 0000:02:00.3 under=0000:00:01.1 id=10de:1adb class=0c8000 group=23\n",
                        tree);
    tree.write(
        "etc/libvirt/qemu/VM.xml",
        "<domain type=\"kvm\"><devices><hostdev mode=\"subsystem\" type=\"pci\"><source><address domain=\"0x0000\" "
        "bus=\"0x02\" slot=\"0x00\" function=\"0x0\"/></source></hostdev></devices></domain>\n");
    EXPECT_TRUE(has_words(run({"doctor"}).out, "warning [domain-sibling-missing]")) << "it works without the others";
    ASSERT_EQ(run({"add", "02:00.0"}).code, 0);
    EXPECT_TRUE(has_words(tree.read("etc/vfio-early.conf"), "bind path=0000:00:01.1/00.* id=10de:1f02,10de:10f9,"));
    const ProgramRun plan = run({"plan"});
    EXPECT_TRUE(has_words(plan.out, "0000:02:00.3"));
}

TEST_F(Cards, GraphicsOfAProcessorAreNoCardOfTheirSlot)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    ASSERT_EQ(run({"add", "0a:00.1"}).code, 0);
    EXPECT_FALSE(has_words(tree.read("etc/vfio-early.conf"), "/00.*")) << tree.read("etc/vfio-early.conf");
}

TEST_F(Cards, PortsWithGroupsOfTheirOwnAreHadApart)
{
    expand_machine("server_8_gpus", tree);
    ASSERT_EQ(run({"add", "3b:00.1"}).code, 0);
    EXPECT_TRUE(has_words(tree.read("etc/vfio-early.conf"), "bind path=0000:3a:00.0/00.1 id=15b3:101b"))
        << tree.read("etc/vfio-early.conf");
}

TEST_F(Cards, WithoutAnIommuTheOtherGuardsSpeakToo)
{
    expand_machine_text("base intel_two_identical_gpus\nwithout groups\nwithout function 0000:00:02.0\n"
                        "without function 0000:01:00.0\nwithout function 0000:01:00.1\n"
                        "without function 0000:01:00.2\nwithout function 0000:01:00.3\n",
                        tree);
    const ProgramRun added = run({"add", "02:00.0"});
    EXPECT_EQ(added.code, 1) << added.err;
    EXPECT_TRUE(has_words(added.err, "warning: 0000:02:00.0 10de:1f02 refused: no-iommu"));
    EXPECT_TRUE(has_words(added.err, "error: 0000:02:00.0 10de:1f02 refused: last-display"));
    EXPECT_TRUE(has_words(added.err, "note: which functions share an IOMMU group"));
    EXPECT_FALSE(tree.exists("etc/vfio-early.conf"));
    EXPECT_EQ(run({"add", "02:00.0", "--allow", "last-display"}).code, 0);
}

TEST_F(Cards, ADiskBehindVmdCannotBeHadApart)
{
    expand_machine_text(
        "base hybrid_laptop\n"
        "function 0000:00:0e.0 id=8086:467f class=010400 driver=vmd\n"
        "function 10000:e0:06.0 under=0000:00:0e.0 id=8086:464d class=060400 header=01 driver=pcieport\n"
        "function 10000:e1:00.0 under=10000:e0:06.0 id=144d:a80a class=010802 driver=nvme\n",
        tree);
    for (const char* operand : {"10000:e1:00.0", "10000:e1:00"}) {
        const ProgramRun added = run({"add", operand});
        EXPECT_EQ(added.code, 2);
        EXPECT_TRUE(
            has_words(added.err, "10000:e1:00.0 is behind the VMD controller 0000:00:0e.0, which does all of its DMA"))
            << added.err;
    }
    tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=144d:a80a\n");
    const ProgramRun imported = run({"import", "--write"});
    EXPECT_TRUE(has_words(imported.out, "keep: 10000:e1:00.0 is behind the VMD controller 0000:00:0e.0"));
    EXPECT_FALSE(has_words(tree.read("etc/vfio-early.conf"), "10000:")) << "the other one of the same id is taken";
}

} // namespace vfio_early::test
