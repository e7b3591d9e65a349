// SPDX-License-Identifier: GPL-2.0-or-later
// Add-ons of unified kernel images: which are loaded, in what order, and what ukify is asked. What it makes, and what
// systemd-stub makes of that, boots show.
#include "hook/inspect/addons.hpp"
#include "tests/support/shell.hpp"
#include "tests/unit/hook/made_image.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <filesystem>
#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr const char* policy = "bind 01:00.* id=10de:128b,10de:0e0f\n";
constexpr const char* release = "5.10.0-9-amd64";
constexpr const char* image = "boot/efi/EFI/Linux/other.efi";
constexpr const char* extra = "boot/efi/EFI/Linux/other.efi.extra.d/vfio-early.addon.efi";
constexpr const char* secure_boot = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

/// A unified kernel image of somebody else's, and what an overlay has.
class Addon : public testing::Test {
protected:
    Addon()
    {
        expand_machine("ryzen_3400g_iommu_on", tree);
        tree.write("etc/vfio-early.conf", policy);
        tree.write(image, made_pe({{".linux", "kernel"},
                                   {".initrd", foreign_image(/*with_systemd=*/true).archive()},
                                   {".uname", release}}));
    }

    static std::map<std::string, std::string> addon(const std::string& text = policy)
    {
        MadeImage overlay;
        overlay.programs["usr/lib/vfio-early/vfio-early"] = "#!";
        overlay.files["usr/lib/systemd/system/vfio-early.service"] = "";
        overlay.links["usr/lib/systemd/system/sysinit.target.wants/vfio-early.service"] = "../vfio-early.service";
        overlay.files["etc/vfio-early.conf"] = text;
        return {{".initrd", overlay.archive()}};
    }

    ProgramRun verdict() { return run_ctl({"inspect", "--all", "--verdict", "--root", tree.path()}); }

    TemporaryTree tree;
};

} // namespace

TEST_F(Addon, ThoseOfTheImageComeAfterThoseOfThePartitionByName)
{
    const auto root = Root::open(tree.path());
    for (const char* name : {"b.addon.efi", "a.ADDON.EFI", ".c.addon.efi", "d.cred", "e.efi"}) {
        tree.write(std::string("efi/EFI/Linux/x.efi.extra.d/") + name, "");
        tree.write(std::string("efi/loader/addons/") + name, "");
    }
    const std::vector<std::string> all{"efi/loader/addons/a.ADDON.EFI", "efi/loader/addons/b.addon.efi",
                                       "efi/EFI/Linux/x.efi.extra.d/a.ADDON.EFI",
                                       "efi/EFI/Linux/x.efi.extra.d/b.addon.efi"};
    EXPECT_EQ(addons_of(*root, "efi/EFI/Linux/x.efi"), all);
    EXPECT_EQ(addons_of(*root, "efi/EFI/Linux/x+3-1.efi"), all) << "tries are counted in the name";
    EXPECT_TRUE(addons_of(*root, "efi/EFI/Linux/a.addon.efi").empty());
    EXPECT_TRUE(addons_of(*root, "boot/initrd.img").empty());
}

TEST_F(Addon, AnImageWithoutUsBindsWithTheAddonBesideIt)
{
    EXPECT_EQ(verdict().code, 1);
    tree.write(extra, made_pe(addon()));
    const ProgramRun with = verdict();
    EXPECT_EQ(with.code, 0) << with.out;
    EXPECT_TRUE(has_words(with.out, "/boot/efi/EFI/Linux/other.efi with /boot/efi/EFI/Linux/other.efi.extra.d/"
                                    "vfio-early.addon.efi: good: 2 functions will be bound"));
}

TEST_F(Addon, TheLastOneWins)
{
    tree.write("boot/efi/loader/addons/z.addon.efi", made_pe(addon("# nothing\n")));
    tree.write(extra, made_pe(addon()));
    const ProgramRun good = run_ctl({"inspect", "--all", "--root", tree.path()});
    EXPECT_EQ(good.code, 0) << good.out;
    EXPECT_TRUE(has_words(good.out, "note: what comes later wins: it replaces etc/vfio-early.conf, "));
    tree.write(extra, made_pe(addon("# nothing\n")));
    tree.write("boot/efi/loader/addons/z.addon.efi", made_pe(addon()));
    EXPECT_TRUE(has_words(verdict().out, "the policy in the image is not the one of now"));
}

TEST_F(Addon, OneForAnotherKernelIsLeftOut)
{
    auto other = addon();
    other[".uname"] = "6.1.0";
    tree.write(extra, made_pe(other));
    const ProgramRun run = verdict();
    EXPECT_EQ(run.code, 1);
    EXPECT_TRUE(has_words(run.out, "vfio-early.addon.efi is for another kernel, and systemd-stub leaves it out"));
    EXPECT_TRUE(has_words(run.out, "the program vfio-early is not in the image"));
    other[".uname"] = release;
    tree.write(extra, made_pe(other));
    EXPECT_EQ(verdict().code, 0);
}

TEST_F(Addon, UnderSecureBootOneThatIsNotSignedIsLeftOut)
{
    tree.write(extra, made_pe(addon()));
    tree.write(secure_boot, std::string("\6\0\0\0\1", 5));
    const ProgramRun run = verdict();
    EXPECT_EQ(run.code, 1);
    EXPECT_TRUE(has_words(run.out, "is not signed, and Secure Boot is on: the firmware refuses it"));
    EXPECT_TRUE(has_words(run.out, "the program vfio-early is not in the image"));
    tree.write(extra, made_pe(addon(), true));
    EXPECT_EQ(verdict().code, 0);
}

TEST_F(Addon, OneThatOnlyAddsToTheCommandLineIsRead)
{
    tree.write(extra, made_pe(addon()));
    tree.write("boot/efi/loader/addons/a.addon.efi", made_pe({{".cmdline", "vfio_early=off"}}));
    EXPECT_TRUE(has_words(verdict().out, "the kernel command line in the image has vfio_early=off"));
}

TEST_F(Addon, AloneItIsSaidToBeAnOverlay)
{
    tree.write(extra, made_pe(addon()));
    const ProgramRun run = run_ctl({"inspect", tree.path() + "/" + extra, "--root", tree.path()});
    EXPECT_TRUE(has_words(run.out, "this is an overlay, which does nothing without an image"));
    EXPECT_EQ(run.out.find("problem"), std::string::npos) << run.out;
    EXPECT_TRUE(has_words(run_ctl({"inspect", "--verdict", tree.path() + "/" + extra, "--root", tree.path()}).out,
                          ": an overlay with the policy of now; what it does is known only with an image"));
}

TEST_F(Addon, WrongOptionsAreUsageErrors)
{
    EXPECT_TRUE(has_words(run_ctl({"overlay", "--addon", "x.efi"}).err, "the name of an add-on ends in .addon.efi"));
    EXPECT_TRUE(
        has_words(run_ctl({"overlay", "--addon", "x.addon.efi", "--key", "k"}).err, "--key and --cert go together"));
    EXPECT_EQ(run_ctl({"overlay", "x.cpio", "--key", "k", "--cert", "c"}).code, 2);
}

/// The command with the script `ukify` in the place of the real one; without one, as if none were installed.
class Ukify : public Addon {
protected:
    ShellRun make(const std::string& ukify, const std::string& options = {})
    {
        tree.write("usr/sbin/vfio-early", "#!static");
        tree.write("usr/share/vfio-early/overlay/conf/conf.d/vfio-early", "");
        tree.write("ukify", ukify);
        const std::string at = tree.path();
        return shell("unshare -m sh -c 'mount -t tmpfs tmpfs /usr/local/sbin && " +
                     (ukify.empty()
                          ? std::string("{ test ! -e /usr/bin/ukify || mount --bind /dev/null /usr/bin/ukify; }")
                          : "install -m 755 " + at + "/ukify /usr/local/sbin/ukify") +
                     " && " VFIO_EARLY_EARLYCTL " overlay --addon " + at + "/o.addon.efi --root " + at + " " + options +
                     "; echo code $?'");
    }
    static bool needs_root(const ShellRun& run) { return run.out.starts_with("unshare: "); }
};

TEST_F(Ukify, IsAskedForAnAddonThatIsSigned)
{
    const ShellRun run =
        make("#!/bin/sh\necho \"$@\"\nfor word; do case $word in --initrd=*) from=${word#*=};; --output=*) "
             "to=${word#*=};; esac; done\n{ printf MZ; cat \"$from\"; } >\"$to\"\n",
             "--key k --cert c");
    if (needs_root(run))
        GTEST_SKIP() << "needs root, to hide the real ukify";
    EXPECT_TRUE(has_words(run.out, "code 0")) << run.out;
    EXPECT_TRUE(has_words(run.out, "build --initrd=/")) << run.out;
    EXPECT_TRUE(has_words(run.out, "/k --secureboot-certificate=/")) << run.out;
    EXPECT_TRUE(tree.read("o.addon.efi").starts_with("MZ070701"));
}

TEST_F(Ukify, MissingOrFailingItIsSaidAndNothingIsWritten)
{
    const ShellRun missing = make("");
    if (needs_root(missing))
        GTEST_SKIP() << "needs root, to hide the real ukify";
    EXPECT_TRUE(has_words(missing.out, "vfio-earlyctl: run ukify: No such file or directory: install it (Debian 13 and "
                                       "later: package systemd-ukify), for it makes the add-on\ncode 2"))
        << missing.out;
    EXPECT_FALSE(tree.exists("o.addon.efi"));
    const ShellRun failing = make("#!/bin/sh\necho no stub >&2; exit 1\n");
    EXPECT_TRUE(
        has_words(failing.out, "no stub\nvfio-earlyctl: run /usr/local/sbin/ukify: it ended with exit code 1\ncode 2"))
        << failing.out;
    EXPECT_FALSE(tree.exists("o.addon.efi"));
}

} // namespace vfio_early::test
