// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/commands/commands.hpp"
#include "hook/host/pci_names.hpp"
#include "tests/unit/hook/program_run.hpp"
#include "vfio_early_version.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

TEST(Program, HelpNamesEveryCommand)
{
    const ProgramRun help = run_ctl({"--help"});
    EXPECT_EQ(help.code, 0);
    for (const Command& command : commands())
        EXPECT_NE(help.out.find("  " + std::string(command.name) + " "), help.out.npos) << command.name;
}

TEST(Program, EveryCommandHasHelp)
{
    for (const Command& command : commands()) {
        const ProgramRun help = run_ctl({std::string(command.name), "--help"});
        EXPECT_EQ(help.code, 0);
        EXPECT_TRUE(help.out.starts_with("Usage: vfio-earlyctl " + std::string(command.name) + " ")) << help.out;
    }
}

TEST(Program, AnUnknownCommandGetsAHint)
{
    const ProgramRun run = run_ctl({"lst"});
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(run.err, "vfio-earlyctl: there is no command \"lst\"; did you mean \"list\"?\n");
    EXPECT_EQ(run_ctl({"frobnicate"}).err, "vfio-earlyctl: there is no command \"frobnicate\"; --help names them\n");
}

TEST(Program, NoCommandIsAUsageError)
{
    EXPECT_EQ(run_ctl({}).code, 2);
    EXPECT_EQ(run_ctl({"--root", "/tmp"}).code, 2);
}

TEST(Program, Version)
{
    EXPECT_EQ(run_ctl({"--version"}).out, std::string("vfio-earlyctl ") + version + "\n");
}

TEST(Program, AnUnknownOptionIsAUsageError)
{
    const ProgramRun run = run_ctl({"plan", "--frob"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("Try \"vfio-earlyctl plan --help\"."), run.err.npos);
    EXPECT_EQ(run_ctl({"plan", "operand"}).code, 2);
    EXPECT_EQ(run_ctl({"check", "one", "two"}).code, 2);
}

TEST(Program, GlobalOptionsMayStandBeforeTheCommand)
{
    const TemporaryTree tree;
    expand_machine("ryzen_3400g_iommu_on", tree);
    const ProgramRun before = run_ctl({"--root", tree.path(), "list"});
    const ProgramRun after = run_ctl({"list", "--root=" + tree.path()});
    EXPECT_EQ(before.code, 0) << before.err;
    EXPECT_EQ(before.out, after.out);
}

TEST(Program, ValuesOfOptionsBeforeTheCommandAreNoCommand)
{
    const TemporaryTree tree;
    expand_machine("ryzen_3400g_iommu_on", tree);
    tree.write("etc/vfio-early.conf", "[gaming]\nbind 01:00.0\n");
    const ProgramRun plan = run_ctl({"--profile", "gaming", "--root", tree.path(), "plan"});
    EXPECT_EQ(plan.code, 0) << plan.err;
    EXPECT_NE(plan.out.find("0000:01:00.0"), plan.out.npos) << plan.out;
}

TEST(Program, HelpIsACommandToo)
{
    EXPECT_EQ(run_ctl({"help"}).out, run_ctl({"--help"}).out);
    EXPECT_EQ(run_ctl({"help", "add"}).out, run_ctl({"add", "--help"}).out);
    EXPECT_EQ(run_ctl({"help", "nonsense"}).code, 2);
}

TEST(Program, AMissingRootIsAnError)
{
    const ProgramRun run = run_ctl({"list", "--root", "/nonexistent"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("/nonexistent: No such file or directory"), run.err.npos);
}

TEST(Console, PaintsOnlyWhereThereIsColour)
{
    EXPECT_EQ(paint(false, Style::red, "text"), "text");
    EXPECT_EQ(paint(true, Style::red, "text"), "\033[31mtext\033[0m");
}

TEST(PciNames, UnknownNumbersHaveNoName)
{
    const TemporaryTree tree;
    tree.write("pci.ids", "10de  NVIDIA Corporation\n\t128b  GK208B\nC 03  Display controller\n\t00  VGA\n");
    const PciNames names(tree.path() + "/pci.ids");
    const Ids known{.vendor = 0x10de, .device = 0x128b, .subvendor = 0, .subdevice = 0, .class_code = 0x030000};
    EXPECT_EQ(names.full(known), "NVIDIA Corporation GK208B");
    EXPECT_EQ(names.class_name(known), "VGA");
    const Ids unknown{.vendor = 0x10de, .device = 0x0001, .subvendor = 0, .subdevice = 0, .class_code = 0xf00000};
    EXPECT_EQ(names.full(unknown), "NVIDIA Corporation");
    EXPECT_EQ(names.class_name(unknown), "Class f000");
}

} // namespace vfio_early::test
