// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/plan.hpp"
#include "tests/support/planned_machine.hpp"

#include <algorithm>

namespace vfio_early::test {
namespace {

const Address second = *parse_address("03:00.0");

Plan two_nics()
{
    return PlannedMachine({make_function_value("02:00.0", nic_ids, 2), make_function_value("03:00.0", nic_ids, 3)},
                          "bind 02:00.0 id=8086:10d3 allow=last-network\nbind 03:00.0 id=8086:10d3 "
                          "allow=last-network\nbind 04:00.0 id=8086:10d3")
        .plan;
}

TEST(OnlyFunctions, KeepsTheStepsOfThoseNamed)
{
    const std::vector<Address> only{second};
    const Plan plan = keep_only(two_nics(), only);
    ASSERT_EQ(plan.functions.size(), 1U);
    EXPECT_EQ(plan.functions.front().address, second);
    EXPECT_TRUE(plan.refused.empty()) << "04:00.0 is not there, and nobody asked";
    for (const Step& step : plan.steps)
        EXPECT_TRUE(!step.address || step.address == second) << step.text();
    EXPECT_GT(std::ranges::count(plan.steps, Step::Kind::load, &Step::kind), 0);
}

TEST(OnlyFunctions, LoadsNothingForNothing)
{
    const std::vector<Address> only{*parse_address("09:00.0")};
    EXPECT_TRUE(keep_only(two_nics(), only).steps.empty());
}

} // namespace
} // namespace vfio_early::test
