// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/near_word.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vfio_early {
namespace {

using namespace std::string_literals;

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
