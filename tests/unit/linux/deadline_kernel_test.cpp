// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/linux/deadline_kernel.hpp"
#include "tests/support/fixture_tree.hpp"
#include "tests/support/simulated_kernel.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <dirent.h>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace vfio_early::test {
namespace {

using namespace std::chrono_literals;

const Address here = *parse_address("01:00.0");

/// Sleeps in a load of "slow" and dies in one of "deadly"; all else works. Answers carry the number of its process.
class SlowKernel final : public Kernel {
public:
    explicit SlowKernel(std::string mark = {}) : mark_(std::move(mark)) {}

    Result<void> set_override(const Address&, const std::string& driver) override
    {
        return driver == "bad" ? Result<void>(system_error("write", "here", EIO, "detail")) : Result<void>();
    }
    Result<void> load_module(const std::string& module, const std::string& options) override
    {
        if (module == "slow")
            std::this_thread::sleep_for(30s);
        if (module == "deadly")
            ::raise(SIGKILL);
        return options == "a=1 b=\"2 3\"" ? Result<void>() : Result<void>(system_error({}, {}, EINVAL));
    }
    Result<void> unbind(const Address&, const std::string&) override { return {}; }
    Result<void> probe(const Address&) override { return {}; }
    Result<void> bind(const Address&, const std::string&) override { return {}; }
    Result<std::string> bound_driver(const Address& function) override
    {
        return function.text() + " " + std::to_string(::getpid());
    }
    Result<void> apply(const Address&, const DeviceSetting& setting) override
    {
        const bool right = setting.kind == DeviceSetting::Kind::rebar && setting.bar == 3
            && setting.bytes == std::uint64_t{1} << 33U && setting.value == "8G";
        return right ? Result<void>() : Result<void>(system_error({}, {}, EINVAL));
    }
    Result<std::optional<bool>> group_viable(unsigned group) override
    {
        return group == 0 ? std::optional<bool>() : std::optional(group == 1);
    }
    Result<bool> let_vfs_probe(const Address&, bool allowed) override { return !allowed; }
    Result<void> create_vfs(const Address&, unsigned count) override
    {
        return count == 7 ? Result<void>() : Result<void>(system_error({}, {}, ENOMEM));
    }
    void release_later(const Address&, const std::string& driver) override
    {
        std::this_thread::sleep_for(50ms);
        std::ofstream(mark_) << driver;
    }

private:
    std::string mark_;
};

TEST(DeadlineKernel, PassesCallsAndAnswersOn)
{
    SlowKernel slow;
    DeadlineKernel kernel(slow, 5s);
    EXPECT_TRUE(kernel.set_override(here, "good"));
    const auto failed = kernel.set_override(here, "bad");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message(), "write here: Input/output error: detail");
    EXPECT_TRUE(kernel.load_module("fast", "a=1 b=\"2 3\""));
    EXPECT_EQ(kernel.load_module("fast", "").error().code, EINVAL);
    EXPECT_TRUE(kernel.unbind(here, "x") && kernel.probe(here) && kernel.bind(here, "x"));
    EXPECT_TRUE(kernel.apply(here, {DeviceSetting::Kind::rebar, 3, std::uint64_t{1} << 33U, "8G"}));
    EXPECT_EQ(kernel.group_viable(0).value(), std::nullopt);
    EXPECT_EQ(kernel.group_viable(1).value(), true);
    EXPECT_EQ(kernel.group_viable(2).value(), false);
    EXPECT_TRUE(kernel.bound_driver(here).value().starts_with("0000:01:00.0 "));
    EXPECT_EQ(kernel.let_vfs_probe(here, true).value(), false);
    EXPECT_EQ(kernel.let_vfs_probe(here, false).value(), true);
    EXPECT_TRUE(kernel.create_vfs(here, 7));
    EXPECT_EQ(kernel.create_vfs(here, 8).error().code, ENOMEM);
}

TEST(DeadlineKernel, UsesOneWorkerForAllCalls)
{
    SlowKernel slow;
    DeadlineKernel kernel(slow, 5s);
    const std::string first = kernel.bound_driver(here).value();
    EXPECT_EQ(kernel.bound_driver(here).value(), first);
    EXPECT_NE(first, slow.bound_driver(here).value()) << "not in our own process";
}

TEST(DeadlineKernel, GivesUpACallThatHangsAndWorksOn)
{
    SlowKernel slow;
    DeadlineKernel kernel(slow, 100ms);
    const std::string first = kernel.bound_driver(here).value();
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(kernel.load_module("slow", "").error().code, ETIMEDOUT);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_GE(took, 100ms);
    EXPECT_LT(took, 5s);
    const auto second = kernel.bound_driver(here);
    ASSERT_TRUE(second);
    EXPECT_NE(*second, first) << "another worker";
}

TEST(DeadlineKernel, OutlivesAWorkerThatDies)
{
    SlowKernel slow;
    DeadlineKernel kernel(slow, 5s);
    EXPECT_EQ(kernel.load_module("deadly", "").error().code, ECHILD);
    EXPECT_TRUE(kernel.probe(here));
}

TEST(DeadlineKernel, LeavesAReleaseToAnotherProcess)
{
    const FixtureTree tree;
    SlowKernel slow(tree.path("mark"));
    const auto start = std::chrono::steady_clock::now();
    {
        DeadlineKernel kernel(slow, 5s);
        kernel.release_later(here, "vfio-pci");
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 50ms) << "it was waited for";
    for (int count = 0; count < 500 && tree.content("mark").empty(); ++count)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(tree.content("mark"), "vfio-pci");
}

TEST(DeadlineKernel, LeavesNoDescriptorBehind)
{
    const auto open_files = [] {
        std::size_t count = 0;
        DIR* directory = ::opendir("/proc/self/fd");
        while (::readdir(directory) != nullptr)
            ++count;
        ::closedir(directory);
        return count;
    };
    const std::size_t before = open_files();
    {
        SlowKernel slow;
        DeadlineKernel kernel(slow, 50ms);
        EXPECT_FALSE(kernel.load_module("slow", ""));
        EXPECT_TRUE(kernel.probe(here));
    }
    EXPECT_EQ(open_files(), before);
}

TEST(CallMessage, WhatIsCutShortOrTooLongIsNoMessage)
{
    const std::string request = encode(CallRequest{CallRequest::Call::load_module, here, "vfio", "a=1", {}, 7});
    ASSERT_TRUE(decode_request(request));
    EXPECT_EQ(decode_request(request)->options, "a=1");
    const std::string answer = encode(CallAnswer{SystemError{"a", "b", 5, "c"}, "d", false});
    ASSERT_TRUE(decode_answer(answer));
    EXPECT_EQ(decode_answer(answer)->yes, false);
    for (std::size_t size = 0; size < request.size(); ++size)
        EXPECT_FALSE(decode_request(request.substr(0, size))) << size;
    EXPECT_FALSE(decode_request(request + "x"));
    EXPECT_FALSE(decode_answer(answer.substr(1)));
}

} // namespace
} // namespace vfio_early::test
