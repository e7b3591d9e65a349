// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/limited_kernel.hpp"
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
    Result<std::string> configured_options(const std::string& module) override { return "of " + module; }
    Result<std::string> driver_of_module(const std::string& module) override
    {
        return system_error("read", module, ENOENT);
    }
    Result<void> unbind(const Address&, const std::string&) override { return {}; }
    Result<void> probe(const Address&) override { return {}; }
    Result<void> bind(const Address&, const std::string&) override { return {}; }
    Result<std::string> bound_driver(const Address& function) override { return function.text(); }
    Result<void> evict_framebuffer(const Address& function, const std::string& device) override
    {
        return system_error(device, function.text(), EBUSY);
    }
    Result<void> apply(const Address&, const DeviceSetting& setting) override
    {
        const bool right = setting.kind == DeviceSetting::Kind::rebar && setting.bar == 3 &&
                           setting.bytes == std::uint64_t{1} << 33U && setting.value == "8G";
        return right ? Result<void>() : Result<void>(system_error({}, {}, EINVAL));
    }
    Result<std::string> group_of(const Address& function) override { return "of " + function.text(); }
    Result<std::optional<bool>> group_viable(unsigned group) override
    {
        return group == 0 ? std::optional<bool>() : std::optional(group == 1);
    }
    Result<bool> let_vfs_probe(const Address&, bool allowed) override { return !allowed; }
    Result<void> create_vfs(const Address&, unsigned count) override
    {
        if (count == 9)
            std::this_thread::sleep_for(200ms);
        return count == 7 ? Result<void>() : Result<void>(system_error({}, {}, ENOMEM));
    }
    void release_later(const Address&, const std::string& driver) override
    {
        std::this_thread::sleep_for(300ms);
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
std::string caller(Kernel& kernel)
{
    return kernel.set_override(here, "who").error().detail;
}

TEST(RunWithLimit, PassesCallsAndAnswersOn)
{
    SlowKernel slow;
    run_with_limit(slow, 5s, [](Kernel& kernel) {
        EXPECT_TRUE(kernel.set_override(here, "good"));
        const auto failed = kernel.set_override(here, "bad");
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().message(), "write here: Input/output error: detail");
        EXPECT_TRUE(kernel.load_module("fast", "a=1 b=\"2 3\""));
        EXPECT_EQ(kernel.load_module("fast", "").error().code, EINVAL);
        EXPECT_EQ(kernel.configured_options("vfio-pci").value(), "of vfio-pci");
        EXPECT_EQ(kernel.driver_of_module("xe").error().code, ENOENT);
        EXPECT_TRUE(kernel.unbind(here, "x") && kernel.probe(here) && kernel.bind(here, "x"));
        EXPECT_TRUE(kernel.apply(here, {DeviceSetting::Kind::rebar, 3, std::uint64_t{1} << 33U, "8G"}));
        EXPECT_EQ(kernel.evict_framebuffer(here, "efi-framebuffer.0").error().message(),
                  "efi-framebuffer.0 0000:01:00.0: Device or resource busy");
        EXPECT_EQ(kernel.group_of(here).value(), "of 0000:01:00.0");
        EXPECT_EQ(kernel.group_viable(0).value(), std::nullopt);
        EXPECT_EQ(kernel.group_viable(1).value(), true);
        EXPECT_EQ(kernel.group_viable(2).value(), false);
        EXPECT_EQ(kernel.bound_driver(here).value(), "0000:01:00.0");
        EXPECT_EQ(kernel.let_vfs_probe(here, true).value(), false);
        EXPECT_EQ(kernel.let_vfs_probe(here, false).value(), true);
        EXPECT_TRUE(kernel.create_vfs(here, 7));
        EXPECT_EQ(kernel.create_vfs(here, 8).error().code, ENOMEM);
    });
}

TEST(RunWithLimit, MakesTheCallsInAnotherProcessAndGivesTheAnswersHere)
{
    SlowKernel slow;
    std::string who;
    run_with_limit(slow, 5s, [&](Kernel& kernel) { who = caller(kernel); });
    EXPECT_NE(who, "");
    EXPECT_NE(who, std::to_string(::getpid()));
}

TEST(RunWithLimit, GivesUpACallThatHangsAndGoesOnInAnotherProcess)
{
    SlowKernel slow;
    std::string first;
    std::string second;
    int code = 0;
    const auto start = std::chrono::steady_clock::now();
    run_with_limit(slow, 100ms, [&](Kernel& kernel) {
        first = caller(kernel);
        code = kernel.load_module("slow", "").error().code;
        second = caller(kernel);
    });
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(code, ETIMEDOUT);
    EXPECT_GE(took, 100ms);
    EXPECT_LT(took, 5s);
    EXPECT_NE(first, second);
}

/// Function `index` of one bus.
Address function_at(unsigned index)
{
    return {0, 1, static_cast<std::uint8_t>(index / 8), static_cast<std::uint8_t>(index % 8)};
}

TEST(RunWithLimit, CallsThatHangAndCallsThatKillCostOnlyThemselvesAndNoCallIsMadeTwice)
{
    constexpr unsigned count = 80;
    const FixtureTree tree;
    SlowKernel slow(tree.path("mark"));
    std::vector<int> codes;
    run_with_limit(slow, 100ms, [&](Kernel& kernel) {
        codes.clear();
        for (unsigned index = 0; index < count; ++index) {
            const bool slow_one = index == 0 || index == 33;
            const auto done = kernel.set_override(function_at(index), slow_one      ? "slow"
                                                                      : index == 34 ? "deadly"
                                                                                    : "vfio-pci");
            codes.push_back(done ? 0 : done.error().code);
        }
    });
    ASSERT_EQ(codes.size(), count);
    std::string expected;
    for (unsigned index = 0; index < count; ++index) {
        const bool slow_one = index == 0 || index == 33;
        EXPECT_EQ(codes[index], slow_one ? ETIMEDOUT : index == 34 ? ECHILD : 0) << index;
        if (codes[index] == 0)
            expected += function_at(index).text() + "\n";
    }
    EXPECT_EQ(tree.content("mark"), expected);
}

TEST(RunWithLimit, GivesEachOfManyCallsTheWholeLimit)
{
    SlowKernel slow;
    run_with_limit(slow, 300ms, [](Kernel& kernel) {
        for (unsigned index = 0; index < 10; ++index)
            EXPECT_TRUE(kernel.set_override(function_at(index), "lazy")) << "together they take longer than one may";
    });
}

TEST(RunWithLimit, GivesTheCreationOfManyVirtualFunctionsMoreTime)
{
    SlowKernel slow;
    run_with_limit(slow, 50ms, [](Kernel& kernel) {
        EXPECT_EQ(kernel.create_vfs(here, 9).error().code, ENOMEM) << "it takes 200 ms for nine";
        EXPECT_EQ(kernel.set_override(here, "slow").error().code, ETIMEDOUT) << "and no other call has that";
    });
}

TEST(RunWithLimit, LeavesAReleaseToAProcessThatNobodyWaitsFor)
{
    const FixtureTree tree;
    SlowKernel slow(tree.path("mark"));
    run_with_limit(slow, 5s, [](Kernel& kernel) { kernel.release_later(here, "vfio-pci"); });
    EXPECT_EQ(tree.content("mark"), "") << "it was waited for";
    for (int count = 0; count < 500 && tree.content("mark").empty(); ++count)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(tree.content("mark"), "vfio-pci");
}

TEST(RunWithLimit, LeavesNoDescriptorBehind)
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
    SlowKernel slow;
    run_with_limit(slow, 50ms, [](Kernel& kernel) {
        EXPECT_FALSE(kernel.load_module("slow", ""));
        EXPECT_TRUE(kernel.probe(here));
    });
    EXPECT_EQ(open_files(), before);
}

} // namespace
} // namespace vfio_early::test
