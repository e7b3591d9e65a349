// SPDX-License-Identifier: GPL-2.0-or-later
// Machines that somebody has written down, and the examples that are installed.
#include "hook/recording/recorded_tree.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

class MachineText : public testing::Test {
protected:
    /// What is said against this text.
    std::string complaint(const std::string& text) const
    {
        tree.write("one.machine", text);
        const ProgramRun run = run_ctl({"list", "--machine", tree.path() + "/one.machine"});
        EXPECT_EQ(run.code, 2) << text << run.out;
        return run.err;
    }

    TemporaryTree tree;
};

const std::string display = "function 0000:01:00.0 id=10de:128b class=030000 group=1\n";

} // namespace

TEST_F(MachineText, IsAMachineForEveryReadingCommand)
{
    tree.write("my machine.txt", "# mine\nrelease 6.1.0\n" + display +
                                     "module nouveau pci:v000010DEd*sv*sd*bc03sc*i*\n"
                                     "name 10de NVIDIA Corporation\nclass 0300 VGA compatible controller\n"
                                     "file etc/vfio-early.conf\n| bind 01:00.0\n");
    const std::string file = tree.path() + "/my machine.txt";
    EXPECT_NE(run_ctl({"list", "--machine", file}).out.find("VGA compatible controller: NVIDIA Corporation"),
              std::string::npos);
    EXPECT_NE(run_ctl({"plan", "--machine", file}).out.find("0000:01:00.0"), std::string::npos);
    for (const char* command : {"doctor", "check", "import", "boot-params"})
        EXPECT_LE(run_ctl({command, "--machine", file}).code, 1) << command;
}

TEST_F(MachineText, ABaseStandsBesideIt)
{
    tree.write("first.machine", "release 6.1.0\n" + display);
    tree.write("second.machine", "base first\nwithout groups\nfunction 0000:02:00.0 id=1002:67ff class=030000\n");
    const ProgramRun listed = run_ctl({"list", "--machine", tree.path() + "/second.machine"});
    EXPECT_EQ(listed.code, 0) << listed.err;
    EXPECT_NE(listed.out.find("0000:01:00.0"), listed.out.npos);
    EXPECT_NE(listed.out.find("0000:02:00.0"), listed.out.npos);
    EXPECT_EQ(listed.out.find("IOMMU group 1"), listed.out.npos);
}

TEST_F(MachineText, WhatIsWrongIsSaidWithItsLine)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"release 6.1.0\nfunktion 0000:01:00.0\n", "one.machine:2: no line of a machine begins like this: funktion"},
        {"function 01:00.0 id=10de:128b\n", "one.machine:1: not an address, such as 0000:01:00.0: 01:00.0"},
        {"function 0000:01:00.0 id=10de\n", "one.machine:1: unknown key, or not a value of it: id=10de"},
        {"function 0000:01:00.0 colour=red\n", "one.machine:1: unknown key, or not a value of it: colour=red"},
        {"| text\n", "one.machine:1: there is no file that this line could belong to"},
        {"base missing\n", "one.machine:1: "},
        {"base one\n", "too many bases"},
        {"without function 0000:01:00.0\n", "one.machine:1: there is nothing like this to leave out"},
        {"release\n", "one.machine:1: no line of a machine is only this: release"},
        {"root:x:0:0:root:/root:/bin/sh\n", "one.machine:1: no line of a machine is only this: root:x"},
        {"release 6.1.0\n", "a machine has a release and functions"},
        {"release 6.1.0\nfunction 0000:01:00.0 under=0000:01:00.0\n", "0000:01:00.0 is below itself"},
        {"release 6.1.0\nfunction 0000:01:00.0 under=0000:00:01.0\n", "there is no function 0000:00:01.0"},
        {"release ../../x\n" + display, "not a recording of a machine"},
        {"release 6.1.0\nfile ../outside\n" + display, "not a recording of a machine"},
        {"release 6.1.0\nlink /etc/x y\n" + display, "not a recording of a machine"},
        {"release 6.1.0\nlink etc /tmp\nfile etc/x\n" + display, "not a recording of a machine"},
        {"release 6.1.0\nfunction 0000:01:00.0 driver=../../../x\n", "not a recording of a machine"},
    };
    for (const auto& [text, words] : cases)
        EXPECT_NE(complaint(text).find(words), std::string::npos) << text << complaint(text);
}

TEST_F(MachineText, EveryMachineOfTheTestsIsOne)
{
    for (const auto& file : source_files("tests/machines", ".machine"))
        EXPECT_EQ(run_ctl({"list", "--machine", file.string()}).code, 0) << file;
}

} // namespace vfio_early::test
