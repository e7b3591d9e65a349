// SPDX-License-Identifier: GPL-2.0-or-later
// The scripts of initramfs-tools/: a mistake in them is not noticed, because mkinitramfs leaves a broken script out.
#include "tests/support/recorded_machine.hpp"
#include "tests/support/shell.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <memory>

namespace vfio_early::test {

namespace {

constexpr const char* folder = VFIO_EARLY_SOURCE_DIR "/initramfs-tools";

std::vector<std::string> scripts()
{
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            paths.push_back(entry.path().string());
    return paths;
}

/// The hook with its surroundings replaced: hook-functions that print what they are asked, and a vfio-earlyctl
/// that is the given script.
ShellRun run_hook(const TemporaryTree& tree, const std::string& ctl)
{
    tree.write("hook-functions", "copy_exec() { echo \"copy_exec $*\"; }\n"
                                 "manual_add_modules() { echo \"manual_add_modules $*\"; }\n");
    tree.write("ctl", ctl);
    const std::string& at = tree.path();
    return shell("sed -e 's|/usr/share/initramfs-tools/hook-functions|" + at +
                 "/hook-functions|' -e 's|/usr/sbin/vfio-earlyctl|sh " + at + "/ctl|' " + folder +
                 "/hooks/vfio-early >" + at + "/hook; mkdir -p " + at + "/tmp; version=6.1.0 DESTDIR=" + at +
                 "/image TMPDIR=" + at + "/tmp sh " + at + "/hook");
}

} // namespace

TEST(InitramfsTools, ScriptsAnswerPrereqsWithNothing)
{
    ASSERT_GE(scripts().size(), 2U);
    for (const std::string& script : scripts()) {
        const ShellRun asked = shell(script + " prereqs"); // executable, or mkinitramfs leaves it out
        EXPECT_EQ(asked.code, 0) << script;
        EXPECT_EQ(asked.out, "\n") << script;
    }
}

TEST(InitramfsTools, TheBootScriptSortsFirst)
{
    // cache_run_scripts() of initramfs-tools gives tsort a pair for each script, in the order of the shell's glob.
    EXPECT_TRUE(shell("printf '%s\\n' '00-vfio-early 00-vfio-early' 'all_generic_ide all_generic_ide' "
                      "'blacklist blacklist' 'udev udev' | tsort")
                    .out.starts_with("00-vfio-early\n"));
    EXPECT_TRUE(std::filesystem::exists(std::string(folder) + "/scripts/init-top/00-vfio-early"));
}

TEST(InitramfsTools, TheHookCopiesWhatImageNames)
{
    const TemporaryTree tree;
    const ShellRun run = run_hook(tree, "out=$5; mkdir -p $out/etc; echo 'bind 01:00.0' >$out/etc/vfio-early.conf\n"
                                        "echo \"$1 $2 $3 $4 $6 $7\" >&2\n"
                                        "echo program /usr/sbin/vfio-early /usr/sbin/vfio-early\n"
                                        "echo file $out/etc/vfio-early.conf /etc/vfio-early.conf\n"
                                        "echo module vfio-pci\n");
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(run.out, "image --kernel 6.1.0 --out --generator initramfs-tools\n"
                       "copy_exec /usr/sbin/vfio-early /usr/sbin/vfio-early\n"
                       "manual_add_modules vfio-pci\n");
    EXPECT_EQ(tree.read("image/etc/vfio-early.conf"), "bind 01:00.0\n");
    EXPECT_TRUE(std::filesystem::is_empty(tree.path() + "/tmp")) << "the hook leaves its temporary files";
}

TEST(InitramfsTools, TheHookNeverFails)
{
    const TemporaryTree tree;
    const ShellRun failed = run_hook(tree, "echo module half; exit 2\n");
    EXPECT_EQ(failed.code, 0);
    EXPECT_EQ(failed.out, "W: vfio-early: vfio-earlyctl image failed; the image binds nothing\n");

    const ShellRun vanished = run_hook(tree, "echo file /nonexistent/file /etc/file\n");
    EXPECT_EQ(vanished.code, 0);
    EXPECT_NE(vanished.out.find("W: vfio-early: cannot copy /nonexistent/file"), vanished.out.npos) << vanished.out;
}

} // namespace vfio_early::test
