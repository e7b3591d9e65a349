// SPDX-License-Identifier: GPL-2.0-or-later
// The boot entries that fall back: what the command prints, and what the scripts of the boot loaders make of it.
#include "tests/support/shell.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr const char* policy = "bind 01:00.0\n[gaming]\nbind 02:00.0\n[work_2]\nbind 03:00.0\n[gaming]\nbind 04:00.0\n";
constexpr const char* lines = "off vfio_early=off without vfio-early\n"
                              "profile-gaming vfio_early.profile=gaming with the vfio-early profile gaming\n"
                              "profile-work_2 vfio_early.profile=work_2 with the vfio-early profile work_2\n";

constexpr const char* kernel_entry = "title Debian\nversion 6.1\nsort-key debian\noptions root=/dev/vda1 ro\n"
                                     "linux /abc/6.1/linux\n";

class BootEntries : public testing::Test {
protected:
    BootEntries() { tree.write("entries", "off vfio_early=off without vfio-early\n"); }

    /// `script` with our programs replaced: one that is there, and a vfio-earlyctl that prints the file `entries`.
    [[nodiscard]] ShellRun run(const std::string& script, const std::string& to, const std::string& how) const
    {
        const std::string& at = tree.path();
        return shell("sed -e 's|/usr/sbin/vfio-early |/bin/sh |' -e 's|command -v vfio-earlyctl|true|' "
                     "-e 's|vfio-earlyctl boot-entries|cat " +
                     at + "/entries|' " + VFIO_EARLY_SOURCE_DIR + script + " >" + at + to + "; chmod +x " + at +
                     "/*; cd " + at + "; " + how);
    }

    /// Runs the plugin of kernel-install, and lists the entries that are there then.
    [[nodiscard]] ShellRun plugin(const std::string& arguments) const
    {
        return run("/kernel-install/95-vfio-early.install", "/plugin",
                   "KERNEL_INSTALL_BOOT_ROOT=. KERNEL_INSTALL_ENTRY_TOKEN=abc ./plugin " + arguments +
                       " && ls loader/entries");
    }

    TemporaryTree tree;
};

} // namespace

TEST_F(BootEntries, OneWithoutUsAndOneForEachProfile)
{
    tree.write("etc/vfio-early.conf", policy);
    const ProgramRun run = run_ctl({"boot-entries", "--root", tree.path()});
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(run.out, lines);
}

TEST_F(BootEntries, NoneWhereNothingIsBound)
{
    EXPECT_EQ(run_ctl({"boot-entries", "--root", tree.path()}).out, "");
    tree.write("etc/vfio-early.conf", "set log debug\n");
    EXPECT_EQ(run_ctl({"boot-entries", "--root", tree.path()}).out, "");
}

TEST_F(BootEntries, APolicyWithErrorsGivesWayToTheOneThatImagesHave)
{
    tree.write("var/lib/vfio-early/last-good/etc/vfio-early.conf", policy);
    tree.write("etc/vfio-early.conf", "bnid 01:00.0\n");
    EXPECT_EQ(run_ctl({"boot-entries", "--root", tree.path()}).out, lines);
}

TEST_F(BootEntries, GrubGetsTheDefaultEntryWithAWordMore)
{
    tree.write("10_linux", R"(#!/bin/sh
echo "Found linux image: /boot/vmlinuz" >&2
cat <<'END'
function gfxmode {
	set gfxpayload="${1}"
}
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1234' {
	savedefault
	linux	/vmlinuz-6.1 root=UUID=1234 ro quiet
	initrd	/initrd.img-6.1
}
submenu 'Advanced options' {
	menuentry 'Debian, with Linux 6.0' {
		linux	/vmlinuz-6.0 ro
	}
}
END
)");
    const ShellRun made = run("/grub/42_vfio_early", "/42_vfio_early", "./42_vfio_early 2>/dev/null");
    EXPECT_EQ(made.code, 0);
    EXPECT_EQ(made.out, "menuentry 'Debian GNU/Linux, without vfio-early' --class debian $menuentry_id_option "
                        "'vfio-early-off' {\n"
                        "\tlinux\t/vmlinuz-6.1 root=UUID=1234 ro quiet vfio_early=off\n"
                        "\tinitrd\t/initrd.img-6.1\n}\n");
    tree.write("10_linux", "#!/bin/sh\necho blscfg\n");
    const ShellRun none = run("/grub/42_vfio_early", "/42_vfio_early", "./42_vfio_early");
    EXPECT_EQ(none.code, 0);
    EXPECT_EQ(none.out, "");
}

TEST_F(BootEntries, SystemdBootGetsEntriesBesideThatOfTheKernel)
{
    tree.write("loader/entries/abc-6.1.conf", kernel_entry);
    EXPECT_EQ(plugin("add 6.1").out, "abc-6.1-vfio-early-off.conf\nabc-6.1.conf\n");
    EXPECT_EQ(tree.read("loader/entries/abc-6.1-vfio-early-off.conf"),
              "title Debian, without vfio-early\nversion 6.1\nsort-key debian-vfio-early\n"
              "options root=/dev/vda1 ro vfio_early=off\nlinux /abc/6.1/linux\n");
    tree.write("entries", "profile-a vfio_early.profile=a with the vfio-early profile a\n");
    EXPECT_EQ(plugin("add 6.1").out, "abc-6.1-vfio-early-profile-a.conf\nabc-6.1.conf\n") << "the profile has gone";
    EXPECT_EQ(plugin("remove 6.1").out, "abc-6.1.conf\n");

    tree.write("loader/entries/abc-6.1.conf", "title Debian\noptions ro\n");
    EXPECT_EQ(plugin("add 6.1").out, "abc-6.1.conf\n") << "without a sort-key the copy might be the default";
}

TEST_F(BootEntries, AnOverlayOnThePartitionIsLoadedBehindTheImageUntilThePackageGoes)
{
    const std::string entry = std::string(kernel_entry) + "initrd /abc/6.1/initrd\n";
    tree.write("loader/entries/abc-6.1.conf", entry);
    EXPECT_EQ(plugin("add 6.1").code, 0);
    EXPECT_EQ(tree.read("loader/entries/abc-6.1.conf"), entry) << "there is none";

    tree.write("vfio-early.cpio", "");
    EXPECT_EQ(plugin("add 6.1").code, 0);
    EXPECT_EQ(plugin("add 6.1").code, 0);
    EXPECT_EQ(tree.read("loader/entries/abc-6.1.conf"), entry + "initrd     /vfio-early.cpio\n") << "and once only";
    EXPECT_TRUE(tree.read("loader/entries/abc-6.1-vfio-early-off.conf").ends_with("initrd     /vfio-early.cpio\n"));

    tree.write("loader/entries/abc-6.12.conf", kernel_entry);
    EXPECT_EQ(plugin("add 6.12").code, 0);
    EXPECT_EQ(tree.read("loader/entries/abc-6.12.conf"), kernel_entry) << "a kernel that boots without an image";

    EXPECT_EQ(plugin("remove-all").out, "abc-6.1.conf\nabc-6.12.conf\n");
    EXPECT_EQ(tree.read("loader/entries/abc-6.1.conf"), entry);
}

TEST_F(BootEntries, GrubLoadsAnOverlayThatLiesBesideTheImages)
{
    const std::string& at = tree.path();
    const auto settings = [&](const std::string& before) {
        return shell("sed -e 's|/usr/sbin/vfio-earlyctl|/bin/sh|' -e 's|/boot/|" + at + "/|' " + VFIO_EARLY_SOURCE_DIR +
                     "/grub/50-vfio-early-overlay.cfg >" + at + "/cfg; set -eu; GRUB_EARLY_INITRD_LINUX_CUSTOM='" +
                     before + "'; . " + at + "/cfg; echo \"$GRUB_EARLY_INITRD_LINUX_CUSTOM\"")
            .out;
    };
    EXPECT_EQ(settings("other.img"), "other.img\n");
    tree.write("vfio-early.cpio", "");
    EXPECT_EQ(settings(""), "vfio-early.cpio\n");
    EXPECT_EQ(settings("other.img"), "other.img vfio-early.cpio\n");
}

TEST_F(BootEntries, RemovingThePackageTakesTheEntriesOfEveryKernelAndNothingElse)
{
    for (const char* name : {"abc-6.1.conf", "abc-6.12.conf", "other.conf"})
        tree.write(std::string("loader/entries/") + name, kernel_entry);
    tree.write("loader/entries/abc-6.1-vfio-early-my-own.conf", kernel_entry);
    EXPECT_EQ(plugin("add 6.1").code, 0);
    EXPECT_EQ(plugin("add 6.12").out, "abc-6.1-vfio-early-my-own.conf\nabc-6.1-vfio-early-off.conf\nabc-6.1.conf\n"
                                      "abc-6.12-vfio-early-off.conf\nabc-6.12.conf\nother.conf\n");
    const ShellRun removed = plugin("remove-all");
    EXPECT_EQ(removed.code, 0);
    EXPECT_EQ(removed.out, "abc-6.1-vfio-early-my-own.conf\nabc-6.1.conf\nabc-6.12.conf\nother.conf\n");
    EXPECT_EQ(plugin("remove-all").code, 0) << "nothing is there any more";
}

} // namespace vfio_early::test
