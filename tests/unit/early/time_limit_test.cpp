// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/time_limit.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <unistd.h>

namespace vfio_early {
namespace {

using namespace std::chrono_literals;

TEST(WorkWithLimit, GivesTheWholeAnswerOfTheOtherProcess)
{
    const std::string text(5000, 'x');
    EXPECT_EQ(work_with_limit(10s, [&] { return text; }), text);
    EXPECT_EQ(work_with_limit(10s, [] { return std::string(); }), "");
    EXPECT_NE(work_with_limit(10s, [] { return std::to_string(::getpid()); }), std::to_string(::getpid()));
}

TEST(WorkWithLimit, GivesUpInTime)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = work_with_limit(50ms, [] {
        ::sleep(30);
        return std::string("late");
    });
    EXPECT_EQ(answer.error().code, ETIMEDOUT);
    EXPECT_EQ(errno_text(answer.error().code), "timed out");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(WorkWithLimit, TellsThatTheOtherProcessDied)
{
    const auto answer = work_with_limit(10s, [] {
        ::_exit(3);
        return std::string();
    });
    EXPECT_EQ(answer.error().code, ECHILD);
}

} // namespace
} // namespace vfio_early
