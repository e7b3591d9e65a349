// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/text.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

TEST(ParseHex, ReadsDigitsOfBothCases)
{
    EXPECT_EQ(parse_hex("10dE"), 0x10deU);
    EXPECT_EQ(parse_hex("ffffffffffffffff"), UINT64_MAX);
}

TEST(ParseHex, RefusesEverythingElse)
{
    for (const char* text : {"", "0x1", "1g", " 1", "-1", "+1", "1 "})
        EXPECT_FALSE(parse_hex(text)) << text;
    EXPECT_FALSE(parse_hex("00000000000000001"));
    EXPECT_FALSE(parse_hex("12345", 4));
}

TEST(ParseDecimal, StopsAtThirtyTwoBits)
{
    EXPECT_EQ(parse_decimal("4294967295"), 4294967295U);
    EXPECT_EQ(parse_decimal("007"), 7U);
    for (const char* text : {"", "4294967296", "99999999999999999999999", "1a", "-1"})
        EXPECT_FALSE(parse_decimal(text)) << text;
}

TEST(HexText, FillsUpWithZeros)
{
    EXPECT_EQ(hex_text(0x1f, 4), "001f");
    EXPECT_EQ(hex_text(0x12345, 4), "12345");
    EXPECT_EQ(hex_text(0, 1), "0");
}

TEST(Split, KeepsEmptyPieces)
{
    EXPECT_EQ(split("", ',').size(), 1U);
    EXPECT_EQ(split("a,,b,", ',').size(), 4U);
    EXPECT_EQ(split("a,,b,", ',')[2], "b");
}

TEST(Trim, TakesWhiteSpaceOffBothEnds)
{
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim("  "), "");
}

TEST(BaseName, IsWhatFollowsTheLastSlash)
{
    EXPECT_EQ(base_name("/etc/vfio-early.conf"), "vfio-early.conf");
    EXPECT_EQ(base_name("plain"), "plain");
    EXPECT_EQ(base_name("dir/"), "");
}

TEST(NormalModuleName, WritesUnderscores)
{
    EXPECT_EQ(normal_module_name("snd-hda-intel"), "snd_hda_intel");
}

} // namespace
} // namespace vfio_early
