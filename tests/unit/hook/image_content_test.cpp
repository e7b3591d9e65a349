// SPDX-License-Identifier: GPL-2.0-or-later
// Reading initramfs images: what the kernel unpacks is found, and no bytes do harm.
#include "hook/inspect/image_content.hpp"

#include "hook/inspect/image_facts.hpp"
#include "tests/unit/hook/made_image.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr const char* policy = "bind 01:00.*\n";

MadeImage microcode()
{
    MadeImage image;
    image.files["kernel/x86/microcode/AuthenticAMD.bin"] = std::string(700, 'm');
    return image;
}

} // namespace

class Compressed : public testing::TestWithParam<const char*> {};

TEST_P(Compressed, ArchiveAfterMicrocodeIsRead)
{
    const std::string packed = initramfs_tools_image(policy, "nouveau").archive(GetParam());
    // The kernel wants what follows an uncompressed archive at a multiple of four; mkinitramfs fills to 512.
    std::string bytes = microcode().archive();
    bytes.resize((bytes.size() / 512 + 1) * 512, '\0');
    const auto content = read_image(bytes + packed);
    ASSERT_TRUE(content) << content.error().message();
    EXPECT_EQ(content->text("etc/vfio-early.conf"), policy);
    EXPECT_NE(content->find("kernel/x86/microcode/AuthenticAMD.bin"), nullptr);
    // Plain archives that follow each other are one part.
    EXPECT_EQ(content->parts.size(), *GetParam() == '\0' ? 1U : 2U);
    EXPECT_EQ(content->parts.back(), *GetParam() == '\0' ? "cpio" : "cpio in " + std::string(GetParam()));
}

TEST_P(Compressed, EveryShorterImageIsAnErrorAndNoCrash)
{
    const std::string bytes = initramfs_tools_image(policy).archive(GetParam());
    ASSERT_TRUE(read_image(bytes));
    // The last bytes may be a checksum that nobody needs, or fill.
    for (std::size_t size = 0; size + 600 < bytes.size(); size += 1 + size / 64)
        EXPECT_FALSE(read_image(std::string_view(bytes).substr(0, size))) << size;
}

TEST_P(Compressed, ChangedBytesDoNoHarm)
{
    const std::string bytes = initramfs_tools_image(policy).archive(GetParam());
    unsigned random = 1;
    for (int round = 0; round < 400; ++round) {
        std::string changed = bytes;
        for (int count = 0; count < 1 + round % 5; ++count) {
            random = random * 1103515245U + 12345U;
            changed[(random >> 8U) % changed.size()] = static_cast<char>(random >> 4U);
        }
        if (const auto content = read_image(changed))
            (void)image_facts(*content);
    }
}

TEST_P(Compressed, AFillAtTheEndIsNoError)
{
    const auto content = read_image(initramfs_tools_image(policy).archive(GetParam()) + std::string(511, '\0'));
    ASSERT_TRUE(content) << content.error().message();
    EXPECT_EQ(content->text("etc/vfio-early.conf"), policy);
}

INSTANTIATE_TEST_SUITE_P(All, Compressed, testing::Values("", "gzip", "xz", "zstd", "lz4", "bzip2", "lzma"));

TEST(ImageContent, OfTwoFilesOfOneNameTheLaterHolds)
{
    MadeImage second;
    second.files["./etc/vfio-early.conf"] = "bind 02:00.0\n";
    const auto content = read_image(initramfs_tools_image(policy).archive("gzip") + second.archive("xz"));
    ASSERT_TRUE(content) << content.error().message();
    EXPECT_EQ(content->text("etc/vfio-early.conf"), "bind 02:00.0\n");
    EXPECT_EQ(content->parts, (std::vector<std::string>{"cpio in gzip", "cpio in xz"}));
}

TEST(ImageContent, UnifiedKernelImage)
{
    const std::map<std::string, std::string> sections{{".cmdline", "root=/dev/vda1 vfio_early=off"},
                                                      {".initrd", initramfs_tools_image(policy).archive("zstd")},
                                                      {".linux", "MZ"},
                                                      {".uname", "6.1.0-30-amd64"},
                                                      {".ucode", microcode().archive()}};
    const std::string bytes = made_pe(sections);
    const auto content = read_image(bytes);
    ASSERT_TRUE(content) << content.error().message();
    EXPECT_EQ(content->release, "6.1.0-30-amd64");
    EXPECT_EQ(content->command_line, "root=/dev/vda1 vfio_early=off");
    EXPECT_EQ(content->text("etc/vfio-early.conf"), policy);
    EXPECT_NE(content->find("kernel/x86/microcode/AuthenticAMD.bin"), nullptr);
    for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 64)
        (void)read_image(std::string_view(bytes).substr(0, size));
    EXPECT_FALSE(read_image(made_pe({{".linux", "MZ"}})));
}

TEST(ImageContent, WhatIsNoImageIsAnError)
{
    EXPECT_FALSE(read_image(""));
    EXPECT_FALSE(read_image(std::string(4096, '\0')));
    EXPECT_FALSE(read_image(std::string(4096, 'x')));
    EXPECT_FALSE(read_image(std::string(4096, '0')));
    EXPECT_FALSE(read_image("MZ"));
    EXPECT_FALSE(read_image("070701" + std::string(104, 'F'))) << "sizes of 4 GiB";
    EXPECT_FALSE(read_image(initramfs_tools_image(policy).archive() + "rubbish at the end"));
}

TEST(SystemFacts, ReadsModulesAndWhatLoadsThem)
{
    MadeImage image = initramfs_tools_image(policy, "nvme");
    image.files["usr/lib/modules/5.10.0-9-amd64/modules.builtin"] = "kernel/drivers/ata/ahci.ko\n";
    image.files["usr/lib/modules/5.10.0-9-amd64/modules.dep"] =
        "kernel/vfio-pci.ko: kernel/vfio.ko kernel/vfio-pci-core.ko\nkernel/nvme.ko.xz: kernel/nvme-core.ko.xz\n";
    image.files["conf/modules"] = "# unix\nnvme poll_queues=2\n";
    image.files["etc/modules-load.d/a.conf"] = "; no\nsnd-hda-intel\n";
    image.files["etc/cmdline.d/20-force_drivers.conf"] = "rd.driver.pre=bochs\n";
    image.files["etc/modprobe.d/v.conf"] = "options vfio-pci ids=10de:128b\nsoftdep nouveau pre: vfio-pci\n"
                                           "install nouveau /sbin/modprobe vfio-pci\nblacklist nouveau\n";
    const auto content = read_image(image.archive());
    ASSERT_TRUE(content);
    const ImageFacts facts = image_facts(*content);
    EXPECT_EQ(facts.generator, Generator::initramfs_tools);
    EXPECT_EQ(facts.releases, std::vector<std::string>{"5.10.0-9-amd64"});
    EXPECT_TRUE(facts.has_module("nvme"));
    EXPECT_TRUE(facts.has_module("ahci"));
    EXPECT_FALSE(facts.has_module("nouveau"));
    EXPECT_EQ(facts.missing_files, std::vector<std::string>{"vfio_pci_core"});
    std::string loads;
    for (const ImageLine& line : facts.loads)
        loads += line.file + " " + line.module + "\n";
    EXPECT_EQ(loads, "conf/modules nvme\netc/modules-load.d/a.conf snd_hda_intel\n"
                     "etc/cmdline.d/20-force_drivers.conf bochs\n");
    std::string rules;
    for (const ImageLine& line : facts.rules)
        rules += line.text + "\n";
    EXPECT_EQ(rules, "options vfio-pci ids=10de:128b\nsoftdep nouveau pre: vfio-pci\n");
}

TEST(SystemFacts, DracutWithSystemdAndWithout)
{
    MadeImage image;
    image.links["usr/sbin"] = "bin";
    image.programs["usr/bin/vfio-early"] = "#!";
    image.files["usr/lib/dracut-lib.sh"] = "";
    image.files["var/lib/dracut/hooks/cmdline/00-vfio-early.sh"] = "";
    image.files["var/lib/dracut/hooks/cmdline/01-parse-kernel.sh"] = "";
    EXPECT_EQ(image_facts(*read_image(image.archive())).hook.started_by,
              "var/lib/dracut/hooks/cmdline/00-vfio-early.sh");
    EXPECT_TRUE(image_facts(*read_image(image.archive())).hook.program);

    MadeImage late = image;
    late.files.erase("var/lib/dracut/hooks/cmdline/00-vfio-early.sh");
    late.files["var/lib/dracut/hooks/cmdline/50-vfio-early.sh"] = "";
    EXPECT_TRUE(image_facts(*read_image(late.archive())).hook.too_late);

    image.programs["usr/lib/systemd/systemd"] = "#!";
    EXPECT_EQ(image_facts(*read_image(image.archive())).hook.started_by, "")
        << "the script is for images without systemd";
    image.files["usr/lib/systemd/system/vfio-early.service"] = "";
    image.links["usr/lib/systemd/system/sysinit.target.wants/vfio-early.service"] = "../vfio-early.service";
    EXPECT_EQ(image_facts(*read_image(image.archive())).hook.started_by, "vfio-early.service");
}

} // namespace vfio_early::test
