// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/text.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace vfio_early {
namespace {

using namespace std::string_literals;

TEST(Glob, MatchesLiteralText)
{
    EXPECT_TRUE(glob_match("", ""));
    EXPECT_TRUE(glob_match("pci:v1", "pci:v1"));
    EXPECT_FALSE(glob_match("pci:v1", "pci:v"));
    EXPECT_FALSE(glob_match("pci:v", "pci:v1"));
    EXPECT_FALSE(glob_match("", "a"));
}

TEST(Glob, StarTakesAnyNumber)
{
    EXPECT_TRUE(glob_match("*", ""));
    EXPECT_TRUE(glob_match("a*c*e", "abcde"));
    EXPECT_TRUE(glob_match("a*c*e", "ace"));
    EXPECT_TRUE(glob_match("*ab", "aab"));
    EXPECT_TRUE(glob_match("a**b", "ab"));
    EXPECT_FALSE(glob_match("a*c*e", "abde"));
}

TEST(Glob, QuestionMarkTakesOne)
{
    EXPECT_TRUE(glob_match("0?", "0f"));
    EXPECT_FALSE(glob_match("0?", "0"));
    EXPECT_FALSE(glob_match("?", ""));
}

TEST(Glob, BracketsTakeOneOfASet)
{
    EXPECT_TRUE(glob_match("[0-3]", "2"));
    EXPECT_TRUE(glob_match("[x2]", "2"));
    EXPECT_FALSE(glob_match("[0-3]", "4"));
    EXPECT_TRUE(glob_match("[!0-3]", "4"));
    EXPECT_FALSE(glob_match("[!0-3]", "1"));
    EXPECT_TRUE(glob_match("[]]", "]"));
    EXPECT_TRUE(glob_match("[!]]", "x"));
    EXPECT_TRUE(glob_match("[a-]", "-"));
    EXPECT_TRUE(glob_match("*[0-9]b", "a1b"));
}

TEST(Glob, BracketThatIsNeverClosedIsACharacter)
{
    EXPECT_TRUE(glob_match("[ab", "[ab"));
    EXPECT_FALSE(glob_match("[ab", "a"));
    EXPECT_TRUE(glob_match("[", "["));
    EXPECT_TRUE(glob_match("[!", "[!"));
    EXPECT_TRUE(glob_match("[]", "[]"));
}

TEST(Glob, ComparesBytesAboveAsciiUnsigned)
{
    EXPECT_TRUE(glob_match("[\x80-\xff]", "\xc3"));
    EXPECT_FALSE(glob_match("[\x80-\xff]", "a"));
    EXPECT_TRUE(glob_match("a\0*"s, "a\0b"s));
}

TEST(Glob, ManyStarsCostNoMoreThanTheProductOfTheLengths)
{
    std::string pattern;
    for (int i = 0; i < 500; ++i)
        pattern += "*a";
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(glob_match(pattern + "b", std::string(4000, 'a')));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

} // namespace
} // namespace vfio_early
