// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/trial.hpp"
#include "hook/host/trial_end.hpp"
#include "tests/support/temporary_tree.hpp"

#include <cerrno>
#include <filesystem>
#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t policy = 0x0123456789abcdef;
constexpr const char* mark = "0123456789abcdef\n";

/// A module is loaded only where efivarfs is mounted, which on a root that is not live it never is.
Result<void> load_nothing(const std::string& module)
{
    ADD_FAILURE() << module << " was to be loaded";
    return system_error("load", module, ENOENT);
}

class Trial : public testing::Test {
protected:
    Trial() { std::filesystem::create_directories(at("sys/firmware/efi/efivars")); }

    TrialAnswer begin()
    {
        std::filesystem::remove_all(at("run")); // a reboot
        return begin_trial(root_, policy, 2, load_nothing, 10s);
    }
    [[nodiscard]] std::optional<TrialRecord> stored() const
    {
        return trial_from_bytes(read_efi_variable(root_, trial_variable).value_or(""));
    }
    [[nodiscard]] std::filesystem::path variable() const
    {
        return at(std::string("sys/firmware/efi/efivars/") + trial_variable);
    }

    [[nodiscard]] std::filesystem::path at(const std::string& path) const
    {
        return std::filesystem::path(tree_.path()) / path;
    }

    test::TemporaryTree tree_;
    Root root_ = Root::open(tree_.path()).value();
};

TEST_F(Trial, CountsTheBootAndLeavesTheMarkThatConfirmsIt)
{
    const TrialAnswer answer = begin();
    EXPECT_TRUE(answer.bind);
    EXPECT_EQ(answer.warning, "");
    EXPECT_EQ(answer.note, "trial: boot 1 of 2 to try this policy");
    EXPECT_EQ(stored(), (TrialRecord{TrialRecord::State::trying, 1, policy}));
    EXPECT_EQ(tree_.read(trial_path), mark);

    EXPECT_EQ(confirm_boot(root_), Confirmation::confirmed);
    EXPECT_EQ(stored()->state, TrialRecord::State::confirmed);
    EXPECT_FALSE(root_.exists(trial_path));
    EXPECT_EQ(confirm_boot(root_), Confirmation::nothing_to_do);
}

TEST_F(Trial, ThatIsConfirmedTouchesNeitherTheVariableNorRun)
{
    ASSERT_TRUE(begin().bind);
    ASSERT_TRUE(confirm_boot(root_));
    const auto written = std::filesystem::last_write_time(variable());
    const TrialAnswer answer = begin();
    EXPECT_TRUE(answer.bind);
    EXPECT_EQ(answer.note, "no trial: the policy is confirmed");
    EXPECT_EQ(std::filesystem::last_write_time(variable()), written);
    EXPECT_FALSE(root_.exists(trial_path));
}

TEST_F(Trial, RefusesTheThirdBootWhichThenConfirmsNothing)
{
    ASSERT_TRUE(begin().bind);
    ASSERT_TRUE(begin().bind);
    const auto written = std::filesystem::last_write_time(variable());
    const TrialAnswer answer = begin();
    EXPECT_FALSE(answer.bind);
    EXPECT_TRUE(answer.reason.starts_with("the last 2 boots with this policy did not finish"));
    EXPECT_EQ(confirm_boot(root_), Confirmation::nothing_to_do);
    EXPECT_EQ(std::filesystem::last_write_time(variable()), written);
    EXPECT_FALSE(begin().bind);
}

TEST_F(Trial, IsNoneWithoutEFIAndSaysSoInTheDebugLogOnly)
{
    std::filesystem::remove_all(at("sys/firmware"));
    const TrialAnswer answer = begin();
    EXPECT_TRUE(answer.bind);
    EXPECT_EQ(answer.warning, "");
    EXPECT_EQ(answer.note, "no trial: the machine was not booted by EFI");
}

TEST_F(Trial, ThatCannotBeCountedBindsAndWarns)
{
    std::filesystem::create_directories(variable()); // a variable that can be neither read nor written
    const TrialAnswer answer = begin();
    EXPECT_TRUE(answer.bind);
    EXPECT_TRUE(answer.warning.starts_with("no trial protects this policy: ")) << answer.warning;
    EXPECT_FALSE(root_.exists(trial_path));
}

TEST_F(Trial, ThatCouldNeverBeConfirmedIsNotCounted)
{
    tree_.write("run", "not a directory");
    const TrialAnswer answer = begin_trial(root_, policy, 2, load_nothing, 10s);
    EXPECT_TRUE(answer.bind);
    EXPECT_TRUE(answer.warning.starts_with("no trial protects this policy: ")) << answer.warning;
    EXPECT_FALSE(stored());
}

TEST_F(Trial, ThatCannotBeStoredLeavesNoMark)
{
    std::filesystem::remove_all(at("sys/firmware/efi/efivars"));
    const TrialAnswer answer = begin();
    EXPECT_TRUE(answer.bind);
    EXPECT_TRUE(answer.warning.starts_with("no trial protects this policy: ")) << answer.warning;
    EXPECT_FALSE(root_.exists(trial_path));
}

TEST_F(Trial, OfAnotherPolicyMeanwhileIsNotConfirmed)
{
    ASSERT_TRUE(begin().bind);
    const TrialRecord other{TrialRecord::State::trying, 1, policy + 1};
    ASSERT_TRUE(write_efi_variable(root_, trial_variable, to_bytes(other)));
    EXPECT_EQ(confirm_boot(root_), Confirmation::already_confirmed);
    EXPECT_EQ(stored(), other);
}

TEST_F(Trial, WithAMarkThatIsNoDigestIsAnError)
{
    tree_.write(trial_path, "nonsense\n");
    EXPECT_EQ(confirm_boot(root_).error().code, EINVAL);
}

TEST_F(Trial, CountsOnlyInAnInitramfs)
{
    EXPECT_FALSE(is_initramfs(root_));
}

} // namespace
} // namespace vfio_early
