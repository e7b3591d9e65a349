// SPDX-License-Identifier: GPL-2.0-or-later
// The command overlay: what is in the archive, for which image, and that it is never half written. Read back with
// libarchive's own reader and cpio(1), which share nothing with the writer's callers. That it boots, boots show.
#include "tests/support/shell.hpp"
#include "tests/unit/hook/made_image.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <sys/stat.h>

namespace vfio_early::test {

namespace {

constexpr const char* policy = "bind 01:00.* id=10de:128b,10de:0e0f\n";
constexpr const char* release = "5.10.0-9-amd64";
const std::string added = "usr/lib/vfio-early/modules/" + std::string(release) + "/";

struct Entry {
    unsigned mode = 0;
    std::string content; ///< of a link: the target
    bool operator==(const Entry&) const = default;
};

/// The entries of an archive in their order; throws where a time or an owner is set.
std::vector<std::pair<std::string, Entry>> entries_of(const std::string& bytes)
{
    std::vector<std::pair<std::string, Entry>> entries;
    ::archive* reader = archive_read_new();
    archive_read_support_format_cpio(reader);
    if (archive_read_open_memory(reader, bytes.data(), bytes.size()) != ARCHIVE_OK)
        throw std::runtime_error("no cpio archive");
    archive_entry* head = nullptr;
    while (archive_read_next_header(reader, &head) == ARCHIVE_OK) {
        Entry entry{.mode = archive_entry_mode(head), .content = {}};
        entry.content.resize(static_cast<std::size_t>(archive_entry_size(head)));
        archive_read_data(reader, entry.content.data(), entry.content.size());
        if (S_ISLNK(entry.mode))
            entry.content = archive_entry_symlink(head);
        if (archive_entry_mtime(head) != 0 || archive_entry_uid(head) != 0 || archive_entry_gid(head) != 0)
            throw std::runtime_error(std::string(archive_entry_pathname(head)) + " has a time or an owner");
        entries.emplace_back(archive_entry_pathname(head), std::move(entry));
    }
    archive_read_free(reader);
    return entries;
}

/// A system with our files installed, as cmake/install_rules.cmake lays them out, and an image that knows nothing of
/// us.
class Overlay : public testing::Test {
protected:
    Overlay()
    {
        expand_machine("ryzen_3400g_iommu_on", tree);
        tree.write("etc/vfio-early.conf", policy);
        tree.write("usr/sbin/vfio-early", "#!static");
        const std::string source = VFIO_EARLY_SOURCE_DIR;
        const std::string to = tree.path() + "/usr/share/vfio-early/overlay";
        std::filesystem::create_directories(to + "/usr/lib/systemd/system");
        std::filesystem::create_directories(to + "/usr/lib/udev/rules.d");
        std::filesystem::create_directories(to + "/conf/conf.d");
        const auto copy = std::filesystem::copy_options::recursive;
        std::filesystem::copy(source + "/initramfs-tools/scripts", to + "/scripts", copy);
        std::filesystem::copy(source + "/udev/60-vfio-early.rules", to + "/usr/lib/udev/rules.d");
        std::filesystem::copy(source + "/overlay/vfio-early", to + "/conf/conf.d");
        for (const char* unit : {"vfio-early.service", "vfio-early-credentials.service", "vfio-early-recover.service"})
            std::filesystem::copy(source + "/dracut/50vfio-early/" + unit, to + "/usr/lib/systemd/system");
    }

    ProgramRun make(std::vector<std::string> more = {})
    {
        std::vector<std::string> arguments{"overlay", target, "--root", tree.path()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_ctl(arguments);
    }

    /// An image of initramfs-tools, or of dracut with systemd, made without us.
    std::string base(bool with_vfio, bool dracut = false)
    {
        MadeImage image = foreign_image(dracut);
        if (!with_vfio)
            std::erase_if(image.files, [](const auto& file) { return file.first.find("vfio") != std::string::npos; });
        if (dracut)
            image.files["usr/lib/dracut-lib.sh"] = "";
        out.write("base.img", image.archive("gzip"));
        return out.path() + "/base.img";
    }

    [[nodiscard]] std::map<std::string, Entry> made() const
    {
        const auto list = entries_of(out.read("overlay.cpio"));
        return {list.begin(), list.end()};
    }

    TemporaryTree tree;
    TemporaryTree out;
    std::string target = out.path() + "/overlay.cpio";
};

} // namespace

TEST_F(Overlay, HoldsTheProgramWhatStartsItThePolicyAndTheFacts)
{
    const ProgramRun run = make();
    ASSERT_EQ(run.code, 0) << run.err;
    const auto files = made();
    EXPECT_EQ(files.at("usr/lib/vfio-early/vfio-early"), (Entry{S_IFREG | 0755, "#!static"}));
    EXPECT_EQ(files.at("etc/vfio-early.conf"), (Entry{S_IFREG | 0644, policy}));
    EXPECT_TRUE(files.contains("etc/vfio-early.conf.d/00-facts.conf"));
    EXPECT_EQ(files.at("usr/lib/systemd/system/sysinit.target.wants/vfio-early.service"),
              (Entry{S_IFLNK | 0777, "../vfio-early.service"}));
    EXPECT_TRUE(files.contains("usr/lib/systemd/system/sysinit.target.wants/vfio-early-recover.service"));
    EXPECT_TRUE(files.contains("usr/lib/systemd/system/sysinit.target.wants/vfio-early-credentials.service"));
    EXPECT_EQ(files.at("scripts/init-top/00-vfio-early").mode, S_IFREG | 0755U);
    EXPECT_FALSE(files.contains("scripts/init-top/ORDER")) << "it would replace that of the image";
    EXPECT_TRUE(files.contains("conf/conf.d/vfio-early"));
    for (const auto& [path, entry] : files) {
        EXPECT_FALSE(path.starts_with("usr/sbin") || path.starts_with("lib") || path.starts_with("sbin"))
            << path << " may be a link in an image";
        EXPECT_EQ(entry.content.find("/usr/sbin/vfio-early"), std::string::npos) << path;
        EXPECT_EQ(path.find(".ko"), std::string::npos) << "no module was asked for";
    }
    EXPECT_NE(files.at("usr/lib/systemd/system/vfio-early.service").content.find("/usr/lib/vfio-early/vfio-early bind"),
              std::string::npos);
    EXPECT_TRUE(has_words(run.err, "policy with 1 statement: 2 functions will be bound")) << run.err;
    EXPECT_TRUE(has_words(run.err, "inspect IMAGE --with " + target)) << run.err;
}

TEST_F(Overlay, TheSameSystemGivesTheSameBytesInOrder)
{
    ASSERT_EQ(make().code, 0);
    const std::string first = out.read("overlay.cpio");
    ASSERT_EQ(make().code, 0);
    EXPECT_EQ(out.read("overlay.cpio"), first);
    EXPECT_EQ(first.size() % 512, 0U);
    std::set<std::string> seen{""};
    for (const auto& [path, entry] : entries_of(first)) {
        const auto slash = path.rfind('/');
        EXPECT_TRUE(seen.contains(slash == path.npos ? "" : path.substr(0, slash)))
            << path << ": the kernel makes no directory by itself";
        EXPECT_TRUE(seen.insert(path).second) << path << " twice";
        EXPECT_TRUE(!S_ISDIR(entry.mode) || entry.mode == (S_IFDIR | 0755U)) << path;
    }
}

TEST_F(Overlay, BesideAnImageWithoutUsItBinds)
{
    for (const bool dracut : {false, true}) {
        const ProgramRun run = make({"--base", base(true, dracut)});
        EXPECT_EQ(run.code, 0) << run.err;
        EXPECT_TRUE(has_words(run.err, "base.img with " + target + ": good: 2 functions will be bound")) << run.err;
        const ProgramRun joined =
            run_ctl({"inspect", out.path() + "/base.img", "--before", target, "--root", tree.path()});
        EXPECT_EQ(joined.code, 0) << joined.out;
        EXPECT_TRUE(has_words(joined.out, dracut ? "hook     vfio-early.service, before all others"
                                                 : "hook     scripts/init-top/00-vfio-early, before all others"));
    }
}

TEST_F(Overlay, WhatAnImageLacksIsSaid)
{
    const ProgramRun run = make({"--base", base(false)});
    EXPECT_EQ(run.code, 1);
    EXPECT_TRUE(has_words(run.err, "the module vfio-pci is not in the image")) << run.err;
    EXPECT_TRUE(std::filesystem::exists(target));
}

TEST_F(Overlay, AForeignImageIsRefused)
{
    MadeImage image;
    image.programs["init"] = "#!";
    out.write("foreign.img", image.archive());
    const ProgramRun run = make({"--base", out.path() + "/foreign.img"});
    EXPECT_EQ(run.code, 1);
    EXPECT_TRUE(has_words(run.err, "foreign.img would start vfio-early: it has neither systemd nor")) << run.err;
    EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Overlay, ADamagedImageIsAnErrorAndNothingIsWritten)
{
    const std::string path = base(true);
    out.write("base.img", out.read("base.img").substr(0, 300));
    const ProgramRun run = make({"--base", path});
    EXPECT_EQ(run.code, 2);
    EXPECT_TRUE(has_words(run.err, path)) << run.err;
    EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Overlay, ItNeverReplacesTheImageItself)
{
    target = base(true);
    const std::string before = out.read("base.img");
    EXPECT_EQ(make({"--base", target}).code, 2);
    EXPECT_EQ(out.read("base.img"), before);
}

TEST_F(Overlay, ABadPolicyIsAnErrorWithItsLineAndNothingIsWritten)
{
    tree.write("etc/vfio-early.conf", "bind 01:00.* idd=10de:128b\n");
    const ProgramRun run = make();
    EXPECT_EQ(run.code, 2);
    EXPECT_TRUE(has_words(run.err, "vfio-early.conf:1:")) << run.err;
    EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Overlay, ADynamicProgramIsRefused)
{
    std::filesystem::remove(tree.path() + "/usr/sbin/vfio-early");
    std::filesystem::copy_file("/bin/true", tree.path() + "/usr/sbin/vfio-early");
    const ProgramRun run = make();
    EXPECT_EQ(run.code, 2);
    EXPECT_TRUE(has_words(run.err, "it is not static")) << run.err;
    EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(Overlay, AFullFileSystemLeavesTheOldFile)
{
    const std::string command = "mkdir '" + out.path() + "/small' && mount -t tmpfs -o size=8k tmpfs '" + out.path() +
                                "/small' && echo old >'" + out.path() + "/small/o' && ";
    tree.write("usr/sbin/vfio-early", std::string(100000, 'x'));
    const ShellRun run =
        shell("unshare -m sh -c \"" + command + VFIO_EARLY_EARLYCTL " overlay '" + out.path() + "/small/o' --root '" +
              tree.path() + "'; echo code \\$?; ls -A '" + out.path() + "/small'; cat '" + out.path() + "/small/o'\"");
    if (run.out.find("unshare failed") != std::string::npos || run.out.find("permission denied") != std::string::npos)
        GTEST_SKIP() << "needs root, for a file system of its own: " << run.out;
    EXPECT_TRUE(has_words(run.out, "small/o: No space left on device")) << run.out;
    EXPECT_TRUE(has_words(run.out, "code 2\no\nold\n")) << run.out;
}

TEST_F(Overlay, ADirectoryThatIsNotThereIsNotMade)
{
    target = out.path() + "/none/overlay.cpio";
    EXPECT_EQ(make().code, 2);
    EXPECT_FALSE(std::filesystem::exists(out.path() + "/none"));
}

TEST_F(Overlay, AnUnknownKernelIsAnError)
{
    const ProgramRun run = make({"--kernel", "9.9.9"});
    EXPECT_EQ(run.code, 2);
    EXPECT_TRUE(has_words(run.err, "the modules of kernel 9.9.9")) << run.err;
    EXPECT_FALSE(std::filesystem::exists(target));
}

/// A kernel whose modules are the fake ones, with the indexes that the real depmod makes.
class OverlayModules : public Overlay {
protected:
    OverlayModules()
    {
        const std::string folder = "lib/modules/" + std::string(release);
        std::filesystem::remove_all(tree.path() + "/" + folder);
        tree.write(folder + "/modules.order", "");
        tree.write(folder + "/modules.builtin", "kernel/drivers/fake-builtin.ko\n");
        std::filesystem::copy(VFIO_EARLY_FAKE_MODULES, tree.path() + "/" + folder + "/kernel");
        EXPECT_EQ(shell("PATH=$PATH:/usr/sbin:/sbin depmod -b '" + tree.path() + "' " + release).code, 0);
    }
};

TEST_F(OverlayModules, BringsAModuleWithWhatItNeedsAndTheirIndexes)
{
    tree.write("etc/vfio-early.conf", "bind 01:00.* id=10de:128b,10de:0e0f driver=fake_gpu\n");
    const ProgramRun run = make({"--kernel", release});
    ASSERT_EQ(run.code, 0) << run.err;
    const auto files = made();
    EXPECT_TRUE(files.contains(added + "kernel/fake-gpu.ko")) << run.err;
    EXPECT_TRUE(files.contains(added + "kernel/fake-bus.ko")) << "fake-gpu depends on it";
    EXPECT_TRUE(files.contains(added + "kernel/fake-core.ko")) << "and that on this";
    EXPECT_FALSE(files.contains(added + "kernel/fake-late.ko"));
    EXPECT_TRUE(files.contains(added + "modules.dep.bin"));
    EXPECT_FALSE(files.contains(added + "modules.dep"));

    // The image has one of them by itself.
    tree.write("etc/vfio-early.conf",
               "bind 01:00.* id=10de:128b,10de:0e0f driver=fake_gpu\nbind 02:00.0 driver=fake_late\n");
    MadeImage image = initramfs_tools_image("");
    image.files["usr/lib/modules/" + std::string(release) + "/kernel/fake-gpu.ko"] = "ELF";
    out.write("base.img", image.archive());
    EXPECT_EQ(make({"--kernel", release, "--base", out.path() + "/base.img"}).code, 0);
    EXPECT_FALSE(made().contains(added + "kernel/fake-gpu.ko"));
    EXPECT_TRUE(made().contains(added + "kernel/fake-late.ko"));
}

namespace {

/// overlay/vfio-early, run on directories of scripts below `tree`.
ShellRun add_to_order(const TemporaryTree& tree)
{
    return shell("sed 's|/scripts/|" + tree.path() + "/scripts/|g' " VFIO_EARLY_SOURCE_DIR "/overlay/vfio-early >" +
                 tree.path() + "/starter && dash -e -u " + tree.path() + "/starter");
}

} // namespace

TEST(OverlayOrder, OurScriptComesFirstAndTheRestStays)
{
    const TemporaryTree tree;
    for (const char* directory : {"init-premount", "local-block"})
        tree.write("scripts/" + std::string(directory) + "/vfio-early", "");
    tree.write("scripts/init-top/ORDER",
               "/scripts/init-top/udev \"$@\"\n[ -e /conf/param.conf ] && . /conf/param.conf\n");
    tree.write("scripts/init-premount/ORDER", "/scripts/init-premount/a \"$@\"\n");
    for (int round = 0; round < 2; ++round) { // the second changes nothing
        const ShellRun run = add_to_order(tree);
        ASSERT_EQ(run.code, 0) << run.out;
        EXPECT_EQ(tree.read("scripts/init-top/ORDER"), tree.path() + "/scripts/init-top/00-vfio-early \"$@\"\n"
                                                                     "[ -e /conf/param.conf ] && . /conf/param.conf\n"
                                                                     "/scripts/init-top/udev \"$@\"\n"
                                                                     "[ -e /conf/param.conf ] && . /conf/param.conf\n");
        EXPECT_EQ(tree.read("scripts/init-premount/ORDER"),
                  "/scripts/init-premount/a \"$@\"\n" + tree.path() +
                      "/scripts/init-premount/vfio-early \"$@\"\n[ -e /conf/param.conf ] && . /conf/param.conf\n");
        EXPECT_TRUE(tree.read("scripts/local-block/ORDER").find("/scripts/local-block/vfio-early \"$@\"\n") !=
                    std::string::npos);
    }
}

TEST(OverlayOrder, AnImageThatHasUsByItselfIsLeftAlone)
{
    const TemporaryTree tree;
    const std::string order =
        "/scripts/init-top/00-a \"$@\"\n" + tree.path() + "/scripts/init-top/00-vfio-early \"$@\"\n";
    tree.write("scripts/init-top/ORDER", order);
    for (const char* directory : {"init-premount", "local-block"})
        tree.write("scripts/" + std::string(directory) + "/ORDER", "");
    ASSERT_EQ(add_to_order(tree).code, 0);
    EXPECT_EQ(tree.read("scripts/init-top/ORDER"), order);
}

} // namespace vfio_early::test
