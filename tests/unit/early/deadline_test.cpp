// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/deadline.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <unistd.h>

namespace vfio_early {
namespace {

using namespace std::chrono_literals;

TEST(WorkWithDeadline, GivesTheWholeAnswerOfTheOtherProcess)
{
    const std::string text(5000, 'x');
    EXPECT_EQ(work_with_deadline(10s, [&] { return text; }), text);
    EXPECT_EQ(work_with_deadline(10s, [] { return std::string(); }), "");
    EXPECT_NE(work_with_deadline(10s, [] { return std::to_string(::getpid()); }), std::to_string(::getpid()));
}

TEST(WorkWithDeadline, GivesUpInTime)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = work_with_deadline(50ms, [] {
        ::sleep(30);
        return std::string("late");
    });
    EXPECT_EQ(answer.error().code, ETIMEDOUT);
    EXPECT_EQ(errno_text(answer.error().code), "timed out");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(WorkWithDeadline, TellsThatTheOtherProcessDied)
{
    const auto answer = work_with_deadline(10s, [] {
        ::_exit(3);
        return std::string();
    });
    EXPECT_EQ(answer.error().code, ECHILD);
}

} // namespace
} // namespace vfio_early
