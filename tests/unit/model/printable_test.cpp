// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/printable.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using namespace std::string_literals;

TEST(Utf8Length, CountsTheBytesOfOneCharacter)
{
    EXPECT_EQ(utf8_length("a"), 1U);
    EXPECT_EQ(utf8_length("ä"), 2U);
    EXPECT_EQ(utf8_length("磁"), 3U);
    EXPECT_EQ(utf8_length("\xf0\x9f\x98\x80"), 4U);
}

TEST(Utf8Length, KnowsWhatIsNoUtf8)
{
    for (const char* text : {"", "\x80", "\xff", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf",
                             "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe7\xa3"})
        EXPECT_EQ(utf8_length(text), 0U);
}

TEST(Printable, LeavesTextAsItIs)
{
    EXPECT_EQ(printable("/ is on nvme0n1p2 – hält"), "/ is on nvme0n1p2 – hält");
}

TEST(Printable, ShowsWhatATerminalWouldObeyAsNumbers)
{
    EXPECT_EQ(printable("a\x1b[31m\nb\0c\x7f"s), "a\\x1b[31m\\x0ab\\x00c\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");          // C1: CSI in one character
    EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae"); // right-to-left override
    EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
}

TEST(Utf8Prefix, CutsBetweenCharacters)
{
    EXPECT_EQ(utf8_prefix("aä", 3), "aä");
    EXPECT_EQ(utf8_prefix("aä", 2), "a");
    EXPECT_EQ(utf8_prefix("磁盘", 4), "磁");
    EXPECT_EQ(utf8_prefix("磁", 0), "");
}

} // namespace
} // namespace vfio_early
