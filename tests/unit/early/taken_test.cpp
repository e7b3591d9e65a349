// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/tell/taken.hpp"

#include "tests/support/fixture_tree.hpp"

#include <cerrno>
#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

const Address first = *parse_address("02:00.0");
const Address second = *parse_address("03:00.0");

Outcome outcome_of(const Address& address, Outcome::Kind kind)
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.subject = address.text();
    outcome.address = address;
    outcome.driver = kind == Outcome::Kind::bound ? "vfio-pci" : "";
    outcome.where = {"/etc/my policy.conf", 2, 1};
    return outcome;
}

TEST(Taken, TellsWhatWasBoundOrHeldAndWhatRootMayBeOn)
{
    const FixtureTree tree;
    const Root root = tree.root();
    EXPECT_TRUE(read_taken(root).empty());
    Report report;
    report.outcomes = {outcome_of(first, Outcome::Kind::bound), outcome_of(second, Outcome::Kind::failed),
                       outcome_of(*parse_address("04:00.0"), Outcome::Kind::refused)};
    report.outcomes[0].may_hold_root = true;
    report.outcomes[1].state = Outcome::State::held;
    ASSERT_TRUE(remember_taken(root, report, true));
    const auto taken = read_taken(root);
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(tree.content(taken_path), "0000:02:00.0 vfio-pci root my policy.conf:2\n"
                                        "0000:03:00.0 none - my policy.conf:2\n");
    EXPECT_TRUE(taken.at(first).may_hold_root);
    EXPECT_EQ(taken.at(first).where, "my policy.conf:2");
    EXPECT_FALSE(taken.at(second).may_hold_root);
}

TEST(Taken, WhatComesLaterIsAddedAndWhatWasGivenBackIsNotOursAnyMore)
{
    const FixtureTree tree;
    const Root root = tree.root();
    Report report;
    report.outcomes = {outcome_of(first, Outcome::Kind::bound)};
    ASSERT_TRUE(remember_taken(root, report, true));
    report.outcomes = {outcome_of(second, Outcome::Kind::bound)};
    ASSERT_TRUE(remember_taken(root, report, false));
    EXPECT_EQ(read_taken(root).size(), 2U);
    report.outcomes = {outcome_of(first, Outcome::Kind::failed)};
    report.outcomes[0].state = Outcome::State::released;
    ASSERT_TRUE(remember_taken(root, report, false));
    EXPECT_EQ(read_taken(root).size(), 1U);
    EXPECT_TRUE(read_taken(root).contains(second));
    ASSERT_TRUE(remember_taken(root, {}, true)) << "a new boot";
    EXPECT_TRUE(read_taken(root).empty());
}

TEST(Taken, AFolderThatCannotBeMadeIsAnError)
{
    FixtureTree tree;
    tree.make_file("run");
    EXPECT_EQ(remember_taken(tree.root(), {}, true).error().code, ENOTDIR);
}

} // namespace
} // namespace vfio_early::test
