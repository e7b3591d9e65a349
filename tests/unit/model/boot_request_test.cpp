// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/boot_request.hpp"
#include "early/model/diagnostic.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using Mode = BootRequest::Mode;
using Words = std::vector<std::string>;

Words texts(const std::vector<AddressPattern>& patterns)
{
    Words words;
    for (const AddressPattern& pattern : patterns)
        words.push_back(pattern.text);
    return words;
}

TEST(CommandLineWords, ArePartedAsTheKernelPartsThem)
{
    EXPECT_EQ(command_line_words(" root=/dev/sda1  quiet\tro\n"), (Words{"root=/dev/sda1", "quiet", "ro"}));
    EXPECT_EQ(command_line_words("a=\"b c\" \"d=e f\" g\"h i\"j k=l\"m n\""),
              (Words{"a=b c", "d=e f", "g\"h i\"j", "k=l\"m n\""}));
    EXPECT_EQ(command_line_words("a=\"b c"), (Words{"a=b c"}));
    EXPECT_EQ(command_line_words("\"\" \""), (Words{"", ""}));
    EXPECT_EQ(command_line_words(""), Words{});
}

TEST(CommandLineWords, EndAtTheWordsOfInit)
{
    EXPECT_EQ(command_line_words("quiet -- vfio_early=off"), (Words{"quiet"}));
}

TEST(BootRequest, WithoutOurWordsIsNormal)
{
    const BootRequest request = parse_boot_request("BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet splash\n");
    EXPECT_EQ(request.mode, Mode::normal);
    EXPECT_FALSE(request.debug);
    EXPECT_TRUE(request.warnings.empty());
}

TEST(BootRequest, ReadsTheMode)
{
    EXPECT_EQ(parse_boot_request("vfio_early=off").mode, Mode::off);
    EXPECT_EQ(parse_boot_request("rd.vfio_early=off").mode, Mode::off);
    EXPECT_EQ(parse_boot_request("vfio-early=off").mode, Mode::off);
    EXPECT_EQ(parse_boot_request("vfio_early=dry-run").mode, Mode::dry_run);
    for (const char* line : {"vfio_early=on", "vfio_early=1", "vfio_early"}) {
        EXPECT_EQ(parse_boot_request(line).mode, Mode::normal) << line;
        EXPECT_TRUE(parse_boot_request(line).warnings.empty()) << line;
    }
}

TEST(BootRequest, OffWinsWhereverItStands)
{
    EXPECT_EQ(parse_boot_request("vfio_early=off vfio_early=on vfio_early=dry-run").mode, Mode::off);
    EXPECT_EQ(parse_boot_request("vfio_early=dry-run rd.vfio_early=off").mode, Mode::off);
    EXPECT_EQ(parse_boot_request("vfio_early=dry-run vfio_early=on").mode, Mode::dry_run);
}

TEST(BootRequest, WhateverIsNotUnderstoodMeansOff)
{
    for (const char* line : {"vfio_early=OFF", "vfio_early=Off", "vfio_early=false", "vfio_early=nonsense",
                             "vfio_early=", "vfio_early.off", "rd.vfio_early.off=1", "vfio_early.skip=gpu,01:00.0"}) {
        const BootRequest request = parse_boot_request(line);
        EXPECT_EQ(request.mode, Mode::off) << line;
        EXPECT_NE(request.off_because, "") << line;
    }
    EXPECT_EQ(parse_boot_request("vfio_early=nonsense").off_because,
              "'vfio_early=nonsense' on the kernel command line is not understood, and taken for off");
    EXPECT_EQ(parse_boot_request("vfio_early=dryrun").mode, Mode::dry_run);
    EXPECT_EQ(parse_boot_request("vfio_early").mode, Mode::normal);
    EXPECT_EQ(parse_boot_request("vfio_early=TRUE").mode, Mode::normal);
    EXPECT_EQ(parse_boot_request("vfio_early.off=0").mode, Mode::normal);
}

TEST(BootRequest, ACrashKernelIsOff)
{
    const BootRequest request = parse_boot_request("root=/dev/sda1 reset_devices elfcorehdr=0x36000000 vfio_early=on");
    EXPECT_EQ(request.mode, Mode::off);
    EXPECT_EQ(request.off_because, "this kernel was started to save the memory of a crashed one (elfcorehdr=)");
}

TEST(BootRequest, ReadsProfilesFromSeveralWords)
{
    const BootRequest request = parse_boot_request("vfio_early.profile=gaming,work rd.vfio-early.profile=work,a");
    EXPECT_EQ(request.profiles, (Words{"gaming", "work", "a"}));
    EXPECT_TRUE(request.warnings.empty());
    EXPECT_EQ(parse_boot_request("vfio_early.profile=a/b").warnings.size(), 1U);
}

TEST(BootRequest, ReadsAddresses)
{
    const BootRequest request = parse_boot_request("vfio_early.skip=01:00.*,0000:02:00.0 rd.vfio_early.bind=03:00.0");
    EXPECT_EQ(texts(request.skip), (Words{"0000:01:00.*", "0000:02:00.0"}));
    EXPECT_EQ(texts(request.bind), (Words{"0000:03:00.0"}));
    EXPECT_TRUE(request.warnings.empty());
}

TEST(BootRequest, SkipsAWholeSlotWhereNoFunctionIsWritten)
{
    const BootRequest request = parse_boot_request("vfio_early.skip=01:00 vfio_early.bind=02:00");
    EXPECT_EQ(texts(request.skip), (Words{"0000:01:00.*"}));
    EXPECT_TRUE(request.bind.empty()); // to bind, it must be said what
    EXPECT_EQ(request.warnings.size(), 1U);
}

TEST(BootRequest, ReadsDebug)
{
    EXPECT_TRUE(parse_boot_request("vfio_early.debug").debug);
    EXPECT_TRUE(parse_boot_request("rd.vfio_early.debug=1").debug);
    EXPECT_FALSE(parse_boot_request("vfio_early.debug=0").debug);
}

TEST(BootRequest, WaitsTenSecondsForRootUnlessItSaysOtherwise)
{
    using namespace std::chrono_literals;
    EXPECT_EQ(parse_boot_request("quiet").grace, 10s);
    EXPECT_EQ(parse_boot_request("vfio_early.grace=25").grace, 25s);
    EXPECT_EQ(parse_boot_request("rd.vfio-early.grace=0").grace, 0s);
    EXPECT_EQ(parse_boot_request("vfio_early.grace=soon").grace, 10s);
    EXPECT_EQ(parse_boot_request("vfio_early.grace=soon").warnings.size(), 1U);
}

TEST(BootRequest, WarnsOfUnknownWordsOfOurs)
{
    const BootRequest request =
        parse_boot_request("vfio_early.profle=a vfio_early.dry_run vfio_earlyX vfio-pci.x=1 rd.break");
    ASSERT_EQ(request.warnings.size(), 3U);
    EXPECT_EQ(request.warnings[0], "unknown word 'vfio_early.profle=a'");
    EXPECT_EQ(request.warnings[1], "unknown word 'vfio_early.dry_run'");
    EXPECT_EQ(request.warnings[2], "unknown word 'vfio_earlyX'");
}

TEST(BootRequest, ReadsTheBlacklistsOfKernelAndGenerators)
{
    const BootRequest request = parse_boot_request("modprobe.blacklist=vfio-pci,nouveau module_blacklist=i915 "
                                                   "blacklist=snd-hda-intel, rd.driver.blacklist=xhci_pci");
    EXPECT_EQ(request.blacklist, (Words{"vfio_pci", "nouveau", "i915", "snd_hda_intel", "xhci_pci"}));
}

TEST(BootRequest, ReadsTheIdsThatVfioPciTakesByItself)
{
    using Ids = std::vector<IdPattern>;
    EXPECT_EQ(parse_boot_request("vfio-pci.ids=10de:128b,8086:10d3:1458:36f6").vfio_pci_ids,
              (Ids{{0x10de, 0x128b}, {0x8086, 0x10d3}}));
    EXPECT_EQ(parse_boot_request("vfio_pci.ids=10de:ffffffff").vfio_pci_ids, (Ids{{0x10de, std::nullopt}}));
    EXPECT_EQ(parse_boot_request("vfio_pci.ids=0x10de:1").vfio_pci_ids, (Ids{{0x10de, 1}}));
    EXPECT_TRUE(parse_boot_request("vfio_pci.ids=10de,:1,x:y,12345:1,").vfio_pci_ids.empty());
    EXPECT_EQ(parse_boot_request("vfio_pci.ids=ffffffff:ffffffff:ffffffff:ffffffff:30000:ffff00").warnings.size(), 1U);
}

TEST(BootRequest, CopesWithHostileInput)
{
    std::string line;
    for (int i = 0; i < 5000; ++i)
        line += "vfio_early.skip=,,\xff,[,\"x vfio_early.profile=\" vfio_early.\x01 ";
    EXPECT_LE(parse_boot_request(line).warnings.size(), max_diagnostics);
}

} // namespace
} // namespace vfio_early
