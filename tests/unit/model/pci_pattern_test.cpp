// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/pci.hpp"
#include "tests/support/parse_path.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

bool matches(std::string_view pattern, std::string_view address)
{
    const auto parsed = parse_address_pattern(pattern);
    EXPECT_TRUE(parsed) << pattern;
    return parsed && parsed->matches(*parse_address(address));
}

bool path_matches(std::string_view pattern, std::string_view path)
{
    const auto parsed = parse_path_pattern(pattern);
    EXPECT_TRUE(parsed) << pattern;
    return parsed && parsed->matches(*test::parse_path(path));
}

TEST(AddressPattern, MatchesWhatItsGlobsMatch)
{
    EXPECT_TRUE(matches("01:00.*", "0000:01:00.3"));
    EXPECT_FALSE(matches("01:00.*", "0000:02:00.3"));
    EXPECT_TRUE(matches("0?:00.[01]", "0000:0f:00.1"));
    EXPECT_FALSE(matches("0?:00.[01]", "0000:10:00.1"));
    EXPECT_FALSE(matches("0?:00.[01]", "0000:0f:00.2"));
    EXPECT_TRUE(matches("*:*.*", "0000:ff:1f.7"));
    EXPECT_TRUE(matches("[!0]?:00.0", "0000:1a:00.0"));
}

TEST(AddressPattern, MeansDomainZeroUnlessToldOtherwise)
{
    EXPECT_FALSE(matches("01:00.0", "0001:01:00.0"));
    EXPECT_TRUE(matches("0001:01:00.0", "0001:01:00.0"));
    EXPECT_TRUE(matches("*:01:00.0", "10000:01:00.0"));
}

TEST(AddressPattern, KeepsItsTextWithTheDomain)
{
    EXPECT_EQ(parse_address_pattern("0A:00.*")->text, "0000:0a:00.*");
    EXPECT_EQ(parse_address_pattern("*:0a:00.*")->text, "*:0a:00.*");
}

TEST(AddressPattern, IsSingleIfOneAddressMatches)
{
    EXPECT_EQ(parse_address_pattern("01:00.0")->single(), (Address{0, 1, 0, 0}));
    EXPECT_FALSE(parse_address_pattern("01:00.*")->single());
    EXPECT_FALSE(parse_address_pattern("*:01:00.0")->single());
}

TEST(AddressPattern, RefusesWhatCanNeverMatch)
{
    for (const char* text : {"", "*", ":", ":.", "1:00.0", "01:00", "01:2?.0", "01:00.8", "01:00.[89]", "???:00.0",
                             "000?:01:00.0", "01:0g.0", "01:00.0:", "0000:0000:01:00.0", "01:00.0\n", "01:00.0;"})
        EXPECT_FALSE(parse_address_pattern(text)) << text;
}

TEST(PathPattern, MatchesHopByHop)
{
    EXPECT_TRUE(path_matches("0000:00:03.1/00.*", "0000:00:03.1/00.1"));
    EXPECT_FALSE(path_matches("0000:00:03.1/00.*", "0000:00:03.1"));
    EXPECT_FALSE(path_matches("0000:00:03.1/00.*", "0000:00:03.1/00.0/00.0"));
    EXPECT_FALSE(path_matches("0000:00:03.1/00.*", "0000:00:03.2/00.0"));
    EXPECT_TRUE(path_matches("00:0[1-3].*/*.0", "0000:00:02.5/1f.0"));
    EXPECT_TRUE(path_matches("0000:00:02.0", "0000:00:02.0"));
}

TEST(PathPattern, RefusesWhatCanNeverMatch)
{
    for (const char* text :
         {"", "/", "00.0", "0000:00:01.1/", "0000:00:01.1//00.0", "0000:00:01.1/*", "0000:00:01.1/9?.0"})
        EXPECT_FALSE(parse_path_pattern(text)) << text;
}

} // namespace
} // namespace vfio_early
