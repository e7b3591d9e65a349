// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/trial.hpp"
#include "tests/support/temporary_tree.hpp"

#include <cerrno>
#include <gtest/gtest.h>

namespace vfio_early {
namespace {

Result<void> load_nothing(const std::string& module)
{
    return system_error("load", module, ENOENT);
}

Plan plan_of_one()
{
    Plan plan;
    plan.functions.emplace_back().address = parse_address("01:00.0").value();
    return plan;
}

class TrialPlan : public testing::Test {
protected:
    test::TemporaryTree tree_;
    Root root_ = Root::open(tree_.path()).value();
};

TEST_F(TrialPlan, LeavesAFunctionAloneThatAppearsAfterABootWhichTheTrialRefused)
{
    tree_.write(untried_path, "");
    const TriedPlan tried = put_on_trial(root_, plan_of_one(), 1, 2, true, load_nothing);
    EXPECT_TRUE(tried.plan.functions.empty());
    ASSERT_EQ(tried.plan.refused.size(), 1U);
    EXPECT_EQ(tried.plan.refused[0].refusal, Refusal::trial);
}

TEST_F(TrialPlan, BindsAFunctionThatAppearsAfterAnyOtherBoot)
{
    EXPECT_EQ(put_on_trial(root_, plan_of_one(), 1, 2, true, load_nothing).plan.functions.size(), 1U);
}

TEST_F(TrialPlan, CountsNothingOutsideAnInitramfs)
{
    tree_.write("sys/firmware/efi/efivars/Other", "x");
    const TriedPlan tried = put_on_trial(root_, plan_of_one(), 1, 2, false, load_nothing);
    EXPECT_EQ(tried.plan.functions.size(), 1U);
    EXPECT_EQ(tried.warning, "");
    EXPECT_FALSE(tree_.exists("run"));
}

} // namespace
} // namespace vfio_early
