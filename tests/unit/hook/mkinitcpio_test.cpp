// SPDX-License-Identifier: GPL-2.0-or-later
// mkinitcpio/ with mkinitcpio's own functions (its file `functions`) replaced by ones that print what they are asked.
#include "tests/support/shell.hpp"
#include "tests/support/temporary_tree.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

const std::string folder = VFIO_EARLY_SOURCE_DIR "/mkinitcpio";

constexpr const char* functions = R"(
for name in add_file add_module add_symlink add_runscript warning; do
    eval "$name() { echo \"$name \$*\"; }"
done
add_binary() { [ -z "$no_binary" ] && echo "add_binary $*"; }
KERNELVERSION=6.1.0
)";

constexpr const char* usual_ctl = "out=$5\necho 'bind 01:00.0' >$out/policy\necho \"$1 $2 $3 $4 $6 $7\" >&2\n"
                                  "echo program /usr/sbin/vfio-early /usr/sbin/vfio-early\n"
                                  "echo file POLICY /etc/vfio-early.conf\n"
                                  "echo module vfio\necho module vfio-pci\n";

/// Calls build() with a vfio-earlyctl that is the given script. No temporary directory may be left behind.
ShellRun run_build(const TemporaryTree& tree, const std::string& ctl, const std::string& variables)
{
    const std::string& at = tree.path();
    tree.write("ctl", "#!/bin/sh\n" + ctl);
    tree.write("functions", functions);
    tree.write("run", "export TMPDIR=" + at + "/tmp\n. " + at + "/functions\n. " + at + "/hook\n" + variables +
                          "\nbuild\ncode=$?\nls $TMPDIR\nexit $code\n");
    return shell("cd " + at + "; chmod +x ctl; mkdir -p tmp; sed -e 's|/usr/sbin/vfio-earlyctl|" + at + "/ctl|' " +
                 folder + "/install/vfio-early >hook; bash run");
}

} // namespace

TEST(Mkinitcpio, CopiesWhatImageNamesAndTheUnitsIntoAnImageWithSystemd)
{
    const TemporaryTree tree;
    const ShellRun run = run_build(tree, usual_ctl, "HOOKS=(base vfio-early systemd autodetect)");
    const std::string units = "/usr/lib/systemd/system/";
    const std::string source = "/usr/lib/dracut/modules.d/50vfio-early/";
    std::string expected = "image --kernel 6.1.0 --out --generator mkinitcpio\n"
                           "add_binary /usr/sbin/vfio-early /usr/sbin/vfio-early\n"
                           "add_file POLICY /etc/vfio-early.conf 644\n"
                           "add_module vfio\nadd_module vfio-pci\n";
    for (const char* unit : {"vfio-early.service", "vfio-early-credentials.service", "vfio-early-recover.service"}) {
        EXPECT_EQ(shell("test -f " VFIO_EARLY_SOURCE_DIR "/dracut/50vfio-early/" + std::string(unit)).code, 0);
        expected += "add_file " + source + unit + ' ' + units + unit + " 644\n";
        expected += "add_symlink " + units + "sysinit.target.wants/" + unit + " ../" + unit + '\n';
    }
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(run.out, expected);
}

TEST(Mkinitcpio, HasARuntimeHookInAnImageWithoutSystemd)
{
    const TemporaryTree tree;
    const ShellRun run = run_build(tree, usual_ctl, "HOOKS=(base vfio-early udev autodetect)");
    EXPECT_TRUE(run.out.ends_with("add_module vfio-pci\nadd_runscript \n")) << run.out;
    EXPECT_EQ(run.out.find("sysinit.target"), run.out.npos);
    // As its init does: the early hooks come before modules are loaded and before udev's own hook.
    const ShellRun hook = shell("sed 's|/usr/sbin/vfio-early|echo program|' " + folder + "/hooks/vfio-early >" +
                                tree.path() + "/early; . " + tree.path() + "/early; run_earlyhook; wait");
    EXPECT_EQ(hook.code, 0);
    EXPECT_EQ(hook.out, "program bind\nprogram recover --watch\n");
}

TEST(Mkinitcpio, NeverFails)
{
    const TemporaryTree tree;
    const ShellRun failed = run_build(tree, "echo module half; exit 2\n", "HOOKS=(base systemd)");
    EXPECT_EQ(failed.code, 0);
    EXPECT_EQ(failed.out, "warning vfio-early: vfio-earlyctl image failed; the image binds nothing\n");

    const ShellRun vanished = run_build(tree, "echo program /no /no\n", "HOOKS=(base udev) no_binary=yes");
    EXPECT_EQ(vanished.code, 0);
    EXPECT_EQ(vanished.out, "warning vfio-early: cannot copy %s /no\nadd_runscript \n");
}

TEST(Mkinitcpio, TellsWhereItStands)
{
    const ShellRun help = shell("bash -c '. " + folder + "/install/vfio-early; help'");
    EXPECT_NE(help.out.find("HOOKS=(base vfio-early udev"), help.out.npos) << help.out;
}

} // namespace vfio_early::test
