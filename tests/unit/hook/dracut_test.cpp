// SPDX-License-Identifier: GPL-2.0-or-later
// dracut/50vfio-early with dracut's own functions replaced by ones that print what they are asked.
#include "tests/support/shell.hpp"
#include "tests/support/temporary_tree.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

const std::string folder = VFIO_EARLY_SOURCE_DIR "/dracut/50vfio-early";

constexpr const char* functions = R"(
for name in inst_simple inst_hook ln_r dwarn require_binaries; do
    eval "$name() { echo \"$name \$*\"; }"
done
inst_binary() { [ -z "$no_binary" ] && echo "inst_binary $*"; }
instmods() { echo "instmods hostonly=$hostonly $*"; }
install() { echo "dracut's own install was called"; }
dracut_module_included() { [ -n "$systemd" ]; }
systemctl() { echo "systemd $systemd ($systemd.1-1) +PAM"; }
kernel=6.1.0
hostonly=-h
systemdsystemunitdir=/usr/lib/systemd/system
)";

/// Calls install() with a vfio-earlyctl that is the given script, and then `ending`.
ShellRun run_install(const TemporaryTree& tree, const std::string& ctl, const std::string& variables,
                     const std::string& ending = {})
{
    const std::string& at = tree.path();
    tree.write("ctl", "#!/bin/sh\n" + ctl);
    tree.write("functions", functions);
    tree.write("run", "initdir=" + at + "/image moddir=MODULE DRACUT_TMPDIR=" + at + "/tmp " + variables + "\n. " + at +
                          "/functions\n. " + at + "/setup\nsetup\n" + ending + "\n");
    return shell("cd " + at + "; chmod +x ctl; mkdir -p tmp image; sed -e 's|/usr/sbin/vfio-earlyctl|" + at +
                 "/ctl|' -e 's/^install()/setup()/' " + folder + "/module-setup.sh >setup; bash run");
}

constexpr const char* usual_ctl = "out=$5; mkdir -p $out/etc; echo 'bind 01:00.0' >$out/etc/vfio-early.conf\n"
                                  "echo \"$1 $2 $3 $4 $6 $7\" >&2\n"
                                  "echo program /usr/sbin/vfio-early /usr/sbin/vfio-early\n"
                                  "echo file $out/etc/vfio-early.conf /etc/vfio-early.conf\n"
                                  "echo module vfio\necho module vfio-pci\n";

} // namespace

TEST(Dracut, CopiesWhatImageNamesAndEveryModuleThoughTheImageIsHostonly)
{
    const TemporaryTree tree;
    const ShellRun run = run_install(tree, usual_ctl, "systemd=257");
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(run.out, "image --kernel 6.1.0 --out --generator dracut\n"
                       "inst_binary /usr/sbin/vfio-early /usr/sbin/vfio-early\n"
                       "instmods hostonly= vfio vfio-pci\n"
                       "inst_simple MODULE/vfio-early.service /usr/lib/systemd/system/vfio-early.service\n"
                       "ln_r /usr/lib/systemd/system/vfio-early.service "
                       "/usr/lib/systemd/system/sysinit.target.wants/vfio-early.service\n"
                       "inst_simple MODULE/vfio-early-recover.service "
                       "/usr/lib/systemd/system/vfio-early-recover.service\n"
                       "ln_r /usr/lib/systemd/system/vfio-early-recover.service "
                       "/usr/lib/systemd/system/sysinit.target.wants/vfio-early-recover.service\n"
                       "inst_simple MODULE/vfio-early-credentials.service "
                       "/usr/lib/systemd/system/vfio-early-credentials.service\n"
                       "ln_r /usr/lib/systemd/system/vfio-early-credentials.service "
                       "/usr/lib/systemd/system/sysinit.target.wants/vfio-early-credentials.service\n");
    EXPECT_EQ(tree.read("image/etc/vfio-early.conf"), "bind 01:00.0\n");
    EXPECT_EQ(shell("ls " + tree.path() + "/tmp").out, "") << "temporary files are left";
}

TEST(Dracut, LeavesAUnitOutWhereSystemdIsTooOldForIt)
{
    const TemporaryTree tree;
    const ShellRun run = run_install(tree, usual_ctl, "systemd=252");
    EXPECT_EQ(run.out.find("credentials"), run.out.npos) << run.out;
    EXPECT_NE(run.out.find("vfio-early-recover.service"), run.out.npos) << run.out;
}

TEST(Dracut, ReplacesAPolicyThatIsInTheImageAlready)
{
    const TemporaryTree tree;
    tree.write("image/etc/vfio-early.conf", "from somewhere else\n");
    ASSERT_EQ(run_install(tree, usual_ctl, "systemd=257").code, 0);
    EXPECT_EQ(tree.read("image/etc/vfio-early.conf"), "bind 01:00.0\n");
}

TEST(Dracut, WithoutSystemdIsAHookBeforeThoseThatLoadModules)
{
    const TemporaryTree tree;
    const ShellRun run = run_install(tree, usual_ctl, "systemd=");
    EXPECT_NE(run.out.find("inst_hook cmdline 00 MODULE/vfio-early.sh\n"), run.out.npos) << run.out;
    EXPECT_EQ(run.out.find("inst_simple"), run.out.npos) << run.out;
}

/// dracut from the module's install() to its end; `ending` stands where it writes the image.
ShellRun run_to_the_end(const TemporaryTree& tree, const std::string& ending)
{
    return run_install(tree, std::string("[ $1 = inspect ] && { echo $3: good; exit; }\n") + usual_ctl,
                       "systemd=257 outfile=" + tree.path() +
                           "/new.img\ntrap 'ret=$?\n[ \"it'\\''s\" ] && echo clean up; exit $ret' EXIT",
                       ending);
}

TEST(Dracut, EndsWithTheVerdictOnTheNewImageBeforeItCleansUp)
{
    const TemporaryTree tree;
    const ShellRun run = run_to_the_end(tree, "echo image >$outfile");
    EXPECT_EQ(run.code, 0);
    EXPECT_TRUE(run.out.ends_with("vfio-early: " + tree.path() + "/new.img: good\nclean up\n")) << run.out;
}

TEST(Dracut, AFailureKeepsItsExitStatusAndHasNoVerdict)
{
    const TemporaryTree tree;
    const ShellRun failed = run_to_the_end(tree, "echo half >$outfile; exit 3");
    EXPECT_EQ(failed.code, 3);
    EXPECT_EQ(failed.out.find("good"), failed.out.npos) << failed.out;
    EXPECT_TRUE(failed.out.ends_with("clean up\n")) << failed.out;

    const ShellRun none = run_to_the_end(tree, "rm $outfile");
    EXPECT_EQ(none.out.find("good"), none.out.npos) << none.out;
}

TEST(Dracut, NoVerdictWhereTheEndIsNotThatOfDracut)
{
    const TemporaryTree tree;
    const ShellRun subshell = run_to_the_end(tree, "trap - EXIT; echo older >$outfile; (setup)");
    EXPECT_EQ(subshell.out.find("good"), subshell.out.npos) << subshell.out;
}

TEST(Dracut, NoVerdictForAnUpdateInitramfsThatSaysItItself)
{
    const TemporaryTree tree;
    ASSERT_NE(run_to_the_end(tree, "echo image >$outfile").out.find("good"), std::string::npos);
    tree.write("update-initramfs", "#!/bin/sh\nbash run\necho $?\n");
    const ShellRun run = shell("cd " + tree.path() + "; chmod +x update-initramfs; ./update-initramfs");
    EXPECT_EQ(run.out.find("good"), run.out.npos) << run.out;
    EXPECT_TRUE(run.out.ends_with("clean up\n0\n")) << run.out;
}

TEST(Dracut, NoVerdictForADracutThatRunsTheHooksBehindTheImage)
{
    const TemporaryTree tree;
    const std::string ending = "echo image >$outfile # run-parts /etc/initramfs/post-update.d/";
    const ShellRun run = run_to_the_end(tree, ending);
    EXPECT_EQ(run.out.find("good"), run.out.npos) << run.out;
    EXPECT_TRUE(run.out.ends_with("clean up\n")) << run.out;
    EXPECT_NE(run_to_the_end(tree, "NO_POST_UPDATE_HOOKS=1; setup; " + ending).out.find("good"), std::string::npos);
}

TEST(Dracut, NeverFails)
{
    const TemporaryTree tree;
    const ShellRun failed = run_install(tree, "echo module half; exit 2\n", "systemd=257");
    EXPECT_EQ(failed.code, 0);
    EXPECT_EQ(failed.out, "dwarn vfio-early: vfio-earlyctl image failed; the image binds nothing\n");

    const ShellRun vanished =
        run_install(tree, "echo program /nonexistent /nonexistent\n", "systemd=257 no_binary=yes");
    EXPECT_EQ(vanished.code, 0);
    EXPECT_NE(vanished.out.find("dwarn vfio-early: cannot copy /nonexistent\n"), vanished.out.npos) << vanished.out;
}

} // namespace vfio_early::test
