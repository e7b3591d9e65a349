// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/only_functions.hpp"
#include "early/tell/report_file.hpp"
#include "tests/support/fixture_tree.hpp"
#include "tests/support/planned_machine.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace vfio_early::test {
namespace {

const Address first = *parse_address("02:00.0");
const Address second = *parse_address("03:00.0");

Plan two_nics()
{
    return PlannedMachine({make_function_value("02:00.0", nic_ids, 2), make_function_value("03:00.0", nic_ids, 3)},
                          "bind 02:00.0 id=8086:10d3\nbind 03:00.0 id=8086:10d3\nbind 04:00.0 id=8086:10d3")
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

Outcome outcome_of(const Address& address, Outcome::Kind kind)
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.subject = address.text();
    outcome.id = "8086:10d3";
    outcome.address = address;
    outcome.driver = kind == Outcome::Kind::bound ? "vfio-pci" : "";
    outcome.where = {"vfio-early.conf", 2, 1};
    if (kind == Outcome::Kind::refused)
        outcome.refusal = Refusal::missing;
    return outcome;
}

TEST(OnlyFunctions, ANewerOutcomeTakesTheOldOnesPlace)
{
    Report boot;
    boot.outcomes = {outcome_of(first, Outcome::Kind::bound), outcome_of(second, Outcome::Kind::refused)};
    boot.duration = std::chrono::milliseconds(40);
    Report newer;
    newer.outcomes = {outcome_of(second, Outcome::Kind::bound),
                      outcome_of(*parse_address("04:00.0"), Outcome::Kind::bound)};
    newer.warnings = {"late"};
    const Report merged = merge_reports(boot, newer);
    EXPECT_EQ(merged.count(Outcome::Kind::bound), 3U);
    EXPECT_EQ(merged.count(Outcome::Kind::refused), 0U);
    EXPECT_EQ(merged.duration, boot.duration);
    EXPECT_EQ(merged.warnings, newer.warnings);
}

TEST(OnlyFunctions, AStatementThatFoundNothingAtBootIsNoLongerMissingOnceItHasFound)
{
    Report boot;
    boot.outcomes = {outcome_of(first, Outcome::Kind::refused), outcome_of(second, Outcome::Kind::refused)};
    for (Outcome& outcome : boot.outcomes)
        outcome.address.reset();
    boot.outcomes[1].where.line = 7;
    Report newer;
    newer.outcomes = {outcome_of(*parse_address("04:00.0"), Outcome::Kind::bound)};
    const Report merged = merge_reports(boot, newer);
    ASSERT_EQ(merged.outcomes.size(), 2U);
    EXPECT_EQ(merged.outcomes[0].where.line, 7U) << "another statement is missing still";
    EXPECT_EQ(merged.count(Outcome::Kind::bound), 1U);
}

TEST(ReportFile, IsMendedByOneProcessAtATime)
{
    const FixtureTree tree;
    const Root root = tree.root();
    EXPECT_FALSE(lock_report(root)) << "there is no folder yet";
    ASSERT_TRUE(write_report(root, {}));
    FileDescriptor lock = lock_report(root);
    ASSERT_TRUE(lock);
    const auto folder = root.open_file("run/vfio-early", O_RDONLY | O_DIRECTORY);
    ASSERT_TRUE(folder);
    EXPECT_NE(::flock(folder->get(), LOCK_EX | LOCK_NB), 0);
    lock = FileDescriptor();
    EXPECT_EQ(::flock(folder->get(), LOCK_EX | LOCK_NB), 0);
}

TEST(ReportFile, IsReadBackAsItWasWritten)
{
    const FixtureTree tree;
    const Root root = tree.root();
    EXPECT_EQ(read_report(root).error().code, ENOENT);
    Report report;
    report.outcomes = {outcome_of(first, Outcome::Kind::bound)};
    ASSERT_TRUE(write_report(root, report));
    const auto read = read_report(root);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->outcomes.size(), 1U);
    EXPECT_EQ(read->outcomes.front().where.line, 2U);
    ASSERT_TRUE(root.replace_file(report_path, "{}"));
    EXPECT_EQ(read_report(root).error().code, EINVAL);
}

TEST(ReportFile, AFolderThatCannotBeMadeIsAnError)
{
    FixtureTree tree;
    tree.make_file("run");
    EXPECT_EQ(write_report(tree.root(), {}).error().code, ENOTDIR);
}

} // namespace
} // namespace vfio_early::test
