// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/text.hpp"

#include <gtest/gtest.h>

#include <array>

namespace vfio_early {
namespace {

using namespace std::string_literals;

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

constexpr std::array<std::string_view, 4> some_words{"with", "driver", "on-failure", "all"};

TEST(NearWord, FindsOneSlip)
{
    EXPECT_EQ(near_word("drivr", some_words), "driver");   // left out
    EXPECT_EQ(near_word("ddriver", some_words), "driver"); // added
    EXPECT_EQ(near_word("drover", some_words), "driver");  // changed
    EXPECT_EQ(near_word("wiht", some_words), "with");      // swapped
    EXPECT_EQ(near_word("on_failure", some_words), "on-failure");
    EXPECT_EQ(near_word("al", some_words), "all");
}

TEST(NearWord, TakesNoFarWordForAMisspelling)
{
    EXPECT_FALSE(near_word("drv", some_words));
    EXPECT_FALSE(near_word("ax", some_words));
    EXPECT_FALSE(near_word("", some_words));
    EXPECT_FALSE(near_word("something", some_words));
}

TEST(NearWord, CopesWithHostileInput)
{
    EXPECT_FALSE(near_word(std::string(1U << 20U, 'a'), some_words));
    EXPECT_FALSE(near_word("dri\0ver\xff\xfe"s, some_words));
}

} // namespace
} // namespace vfio_early
