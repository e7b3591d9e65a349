// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/deadline_kernel.hpp"
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

/// Sleeps when told of "slow" and dies of "deadly"; all else works.
class SlowKernel final : public Kernel {
public:
    /// `mark`: a file that gets a line for each override written, and the driver of a release.
    explicit SlowKernel(std::string mark = {}) : mark_(std::move(mark)) {}

    Result<void> set_override(const Address& function, const std::string& driver) override
    {
        if (driver == "who")
            return system_error("answer", {}, EIO, std::to_string(::getpid()));
        suffer(driver);
        if (!mark_.empty())
            std::ofstream(mark_, std::ios::app) << function.text() << "\n";
        return driver == "bad" ? Result<void>(system_error("write", "here", EIO, "detail")) : Result<void>();
    }
    Result<void> load_module(const std::string& module, const std::string& options) override
    {
        suffer(module);
        return options == "a=1 b=\"2 3\"" ? Result<void>() : Result<void>(system_error({}, {}, EINVAL));
    }
    Result<void> unbind(const Address&, const std::string&) override { return {}; }
    Result<void> probe(const Address&) override { return {}; }
    Result<void> bind(const Address&, const std::string&) override { return {}; }
    Result<std::string> bound_driver(const Address& function) override { return function.text(); }
    Result<void> apply(const Address&, const DeviceSetting& setting) override
    {
        const bool right = setting.kind == DeviceSetting::Kind::rebar && setting.bar == 3 &&
                           setting.bytes == std::uint64_t{1} << 33U && setting.value == "8G";
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
    static void suffer(const std::string& what)
    {
        if (what == "slow")
            std::this_thread::sleep_for(30s);
        if (what == "lazy")
            std::this_thread::sleep_for(50ms);
        if (what == "deadly")
            ::raise(SIGKILL);
    }

    std::string mark_;
};

/// The process that makes the calls of `kernel`.
std::string worker_of(Kernel& kernel)
{
    return kernel.set_override(here, "who").error().detail;
}

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
    EXPECT_EQ(kernel.bound_driver(here).value(), "0000:01:00.0");
    EXPECT_EQ(kernel.let_vfs_probe(here, true).value(), false);
    EXPECT_EQ(kernel.let_vfs_probe(here, false).value(), true);
    EXPECT_TRUE(kernel.create_vfs(here, 7));
    EXPECT_EQ(kernel.create_vfs(here, 8).error().code, ENOMEM);
}

TEST(DeadlineKernel, UsesOneWorkerForAllCalls)
{
    SlowKernel slow;
    DeadlineKernel kernel(slow, 5s);
    const std::string first = worker_of(kernel);
    EXPECT_EQ(worker_of(kernel), first);
    EXPECT_NE(first, std::to_string(::getpid())) << "not in our own process";
}

TEST(DeadlineKernel, GivesUpACallThatHangsAndWorksOn)
{
    SlowKernel slow;
    DeadlineKernel kernel(slow, 100ms);
    const std::string first = worker_of(kernel);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(kernel.load_module("slow", "").error().code, ETIMEDOUT);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_GE(took, 100ms);
    EXPECT_LT(took, 5s);
    EXPECT_NE(worker_of(kernel), first) << "another worker";
}

/// `number` functions of one bus, pinned to vfio-pci.
std::vector<Pin> many_pins(unsigned number)
{
    std::vector<Pin> pins;
    for (unsigned index = 0; index < number; ++index)
        pins.push_back(
            {{0, 1, static_cast<std::uint8_t>(index / 8), static_cast<std::uint8_t>(index % 8)}, "vfio-pci"});
    return pins;
}

TEST(DeadlineKernel, WritesEachOfManyPinsOnce)
{
    const FixtureTree tree;
    SlowKernel slow(tree.path("mark"));
    DeadlineKernel kernel(slow, 5s);
    std::vector<Pin> pins = many_pins(200);
    pins[77].driver = "bad";
    const auto results = kernel.set_overrides(pins);
    ASSERT_EQ(results.size(), pins.size());
    std::string expected;
    for (std::size_t index = 0; index < pins.size(); ++index) {
        EXPECT_EQ(results[index].has_value(), index != 77) << index;
        expected += pins[index].function.text() + "\n";
    }
    EXPECT_EQ(tree.content("mark"), expected);
    EXPECT_TRUE(kernel.set_overrides({}).empty());
}

TEST(DeadlineKernel, OnePinThatHangsAndOneThatKillsCostOnlyThemselves)
{
    const FixtureTree tree;
    SlowKernel slow(tree.path("mark"));
    DeadlineKernel kernel(slow, 100ms);
    std::vector<Pin> pins = many_pins(80);
    pins[0].driver = pins[33].driver = "slow";
    pins[34].driver = "deadly";
    const auto results = kernel.set_overrides(pins);
    ASSERT_EQ(results.size(), pins.size());
    const std::string written = tree.content("mark");
    for (std::size_t index = 0; index < pins.size(); ++index) {
        const bool lost = index == 0 || index == 33 || index == 34;
        ASSERT_EQ(results[index].has_value(), !lost) << index;
        EXPECT_EQ(written.find(pins[index].function.text()) == std::string::npos, lost) << index;
        if (lost) {
            EXPECT_EQ(results[index].error().code, index == 34 ? ECHILD : ETIMEDOUT);
        }
    }
}

TEST(DeadlineKernel, GivesEachOfManyCallsTheWholeTimeout)
{
    SlowKernel slow;
    DeadlineKernel kernel(slow, 300ms);
    std::vector<Pin> pins = many_pins(10);
    for (Pin& pin : pins)
        pin.driver = "lazy";
    for (const auto& result : kernel.set_overrides(pins))
        EXPECT_TRUE(result) << "together they took longer than one may";
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
    const std::vector<CallRequest> requests{{CallRequest::Call::load_module, here, "vfio", "a=1", {}, 7},
                                            {CallRequest::Call::bind, here, "vfio-pci", {}, {}, 0}};
    const std::string request = encode(requests);
    ASSERT_EQ(decode_requests(request).value().size(), 2U);
    EXPECT_EQ(decode_requests(request)->front().options, "a=1");
    EXPECT_EQ(decode_requests(request)->back().name, "vfio-pci");
    const std::vector<CallAnswer> answers{{SystemError{"a", "b", 5, "c"}, false}, {{}, true}};
    const std::string answer = encode(answers);
    ASSERT_EQ(decode_answers(answer).value().size(), 2U);
    EXPECT_EQ(decode_answers(answer)->front().yes, false);
    EXPECT_EQ(decode_answers(answer)->front().error->detail, "c");
    EXPECT_FALSE(decode_answers(answer)->back().error);
    for (std::size_t size = 0; size < request.size(); ++size)
        EXPECT_FALSE(decode_requests(request.substr(0, size))) << size;
    EXPECT_FALSE(decode_requests(request + "x"));
    EXPECT_FALSE(decode_answers(answer.substr(1)));
}

} // namespace
} // namespace vfio_early::test
