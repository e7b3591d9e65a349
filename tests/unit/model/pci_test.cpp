// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

TEST(AddressText, IsWhatTheKernelWrites)
{
    EXPECT_EQ((Address{0, 1, 0, 0}.text()), "0000:01:00.0");
    EXPECT_EQ((Address{0x10000, 0xe1, 0x1f, 7}.text()), "10000:e1:1f.7");
}

TEST(ParseAddress, ReadsWhatTheKernelWrites)
{
    EXPECT_EQ(parse_address("0000:0a:1f.7"), (Address{0, 0x0a, 0x1f, 7}));
    EXPECT_EQ(parse_address("10000:e1:00.0"), (Address{0x10000, 0xe1, 0, 0}));
    EXPECT_EQ(parse_address("01:00.0"), (Address{0, 1, 0, 0}));
}

TEST(ParseAddress, RefusesEverythingElse)
{
    for (const char* text :
         {"", "01:00", "1:00.0", "01:0.0", "01:20.0", "01:00.8", "01:00.00", "000:01:00.0", "01:00.*", "0000:01:00.0 ",
          "0000:01:00.0:1", ":01:00.0", "123456789:01:00.0", "+1:00.0", "01-00.0"})
        EXPECT_FALSE(parse_address(text)) << text;
}

TEST(Address, HasTheOrderOfTheBus)
{
    EXPECT_LT((Address{0, 0, 0x1f, 7}), (Address{0, 1, 0, 0}));
    EXPECT_LT((Address{0, 0xff, 0, 0}), (Address{1, 0, 0, 0}));
    EXPECT_EQ((Address{0, 1, 2, 3}.slot()), (Address{0, 1, 2, 0}));
}

TEST(Path, IsWrittenHopByHop)
{
    const Path path{{0, 0, 1, 1}, {{0, 0}, {4, 2}}};
    EXPECT_EQ(path.text(), "0000:00:01.1/00.0/04.2");
    EXPECT_EQ((Path{{0, 0, 0x1c, 4}, {}}).text(), "0000:00:1c.4");
}

TEST(Ids, AreWrittenAsLspciAndModprobeDo)
{
    const Ids ids{0x10de, 0x128b, 0x1458, 0x36f6, 0x030000};
    EXPECT_EQ(ids.id_text(), "10de:128b");
    EXPECT_EQ(ids.subsystem_text(), "1458:36f6");
    EXPECT_EQ(ids.modalias(), "pci:v000010DEd0000128Bsv00001458sd000036F6bc03sc00i00");
}

TEST(Ids, TellDisplaysFromVga)
{
    EXPECT_TRUE(is_display({0, 0, 0, 0, 0x038000}));
    EXPECT_FALSE(is_vga({0, 0, 0, 0, 0x038000}));
    EXPECT_TRUE(is_vga({0, 0, 0, 0, 0x030000}));
    EXPECT_FALSE(is_display({0, 0, 0, 0, 0x040300}));
}

TEST(Bridge, IsWhatItsClassOrItsHeaderSays)
{
    EXPECT_TRUE(is_bridge({0, 0, 0, 0, 0x060400}, 1));
    EXPECT_TRUE(is_bridge({0, 0, 0, 0, 0x060000}, 0));  // host bridge
    EXPECT_TRUE(is_bridge({0, 0, 0, 0, 0x060700}, 2));  // CardBus
    EXPECT_TRUE(is_bridge({0, 0, 0, 0, 0x0b4000}, 1));  // whatever it calls itself
    EXPECT_FALSE(is_bridge({0, 0, 0, 0, 0x068000}, 0)); // "other bridge" with the header of a device
    EXPECT_FALSE(is_bridge({0, 0, 0, 0, 0x030000}, 0));
}

TEST(IdPattern, MatchesADeviceOrAVendor)
{
    const auto one = parse_id_pattern("10de:128b");
    ASSERT_TRUE(one);
    EXPECT_TRUE(one->matches(0x10de, 0x128b));
    EXPECT_FALSE(one->matches(0x10de, 0x128c));
    const auto vendor = parse_id_pattern("10DE:*");
    ASSERT_TRUE(vendor);
    EXPECT_TRUE(vendor->matches(0x10de, 0));
    EXPECT_FALSE(vendor->matches(0x10df, 0));
    EXPECT_EQ(vendor->text(), "10de:*");
}

TEST(IdPattern, RefusesEverythingElse)
{
    for (const char* text :
         {"", "10de", "10de:", ":128b", "10de:128", "10de:128b:1", "*:128b", "0x10de:0x128b", "10de:12?b"})
        EXPECT_FALSE(parse_id_pattern(text)) << text;
}

TEST(ClassPattern, MatchesAsManyBitsAsWereWritten)
{
    EXPECT_TRUE(parse_class_pattern("03")->matches(0x038000));
    EXPECT_FALSE(parse_class_pattern("0300")->matches(0x038000));
    EXPECT_TRUE(parse_class_pattern("0300")->matches(0x030001));
    EXPECT_FALSE(parse_class_pattern("010802")->matches(0x010803));
    for (const char* text : {"", "3", "030", "03000", "0300000", "0x03", "vga "})
        EXPECT_FALSE(parse_class_pattern(text)) << text;
}

TEST(ClassPattern, NamesMeanTheirClassesOnly)
{
    EXPECT_TRUE(parse_class_pattern("audio")->matches(0x040300));
    EXPECT_TRUE(parse_class_pattern("audio")->matches(0x040100));
    EXPECT_FALSE(parse_class_pattern("audio")->matches(0x040000)); // video
    EXPECT_TRUE(parse_class_pattern("nvme")->matches(0x010802));
    EXPECT_FALSE(parse_class_pattern("nvme")->matches(0x010601));
    EXPECT_TRUE(parse_class_pattern("usb")->matches(0x0c0330));
    for (const ClassName& name : class_names())
        EXPECT_EQ(parse_class_pattern(name.name), name.pattern) << name.name;
}

TEST(Serial, IsWrittenAsLspciDoes)
{
    EXPECT_EQ(serial_text(0x001122ffff334455), "00-11-22-ff-ff-33-44-55");
    EXPECT_EQ(parse_serial("00-11-22-FF-ff-33-44-55"), 0x001122ffff334455U);
    EXPECT_EQ(parse_serial("001122ffff334455"), 0x001122ffff334455U);
    for (const char* text : {"", "00-11", "00-11-22-ff-ff-33-44-5", "00-11-22-ff-ff-33-44-55-66", "001122ffff33445",
                             "00:11:22:ff:ff:33:44:55", "0-011-22-ff-ff-33-44-55"})
        EXPECT_FALSE(parse_serial(text)) << text;
}

TEST(Classes, DisksAndNetworks)
{
    const auto of_class = [](std::uint32_t code) { return Ids{1, 1, 1, 1, code}; };
    for (const std::uint32_t code : {0x010802U, 0x010601U, 0x010400U, 0x0c0330U, 0x0c0400U, 0x080501U})
        EXPECT_TRUE(can_hold_disks(of_class(code))) << std::hex << code;
    for (const std::uint32_t code : {0x030000U, 0x020000U, 0x0c0500U, 0x080200U})
        EXPECT_FALSE(can_hold_disks(of_class(code))) << std::hex << code;
    for (const std::uint32_t code : {0x020000U, 0x028000U, 0x0c0600U, 0x0d8000U})
        EXPECT_TRUE(is_network(of_class(code))) << std::hex << code;
    EXPECT_FALSE(is_network(of_class(0x010802)));
}

} // namespace
} // namespace vfio_early
