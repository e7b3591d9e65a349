// SPDX-License-Identifier: GPL-2.0-or-later
// Editing the policy's text, and pinned statements.
#include "hook/edit/pin.hpp"
#include "hook/edit/policy_change.hpp"
#include "hook/edit/policy_edit.hpp"
#include "hook/edit/unified_diff.hpp"
#include "tests/support/machine_builder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace vfio_early::test {

namespace {

const std::vector<std::string> card{"# 0000:01:00.0 a card", "bind path=0000:00:01.1/00.*"};

/// A slot of a GPU with its sound, a slot on the root bus, a card with two ports in groups of their own.
Machine some_machine(bool groups)
{
    MachineBuilder builder;
    const auto add = [&](std::string_view address, std::string_view path, std::string_view id, std::uint32_t code,
                         unsigned group) {
        auto added = builder.add(address, id, code);
        added.path(path).subsystem(0x1458, 0x36f6);
        if (groups)
            added.group(group);
        return added;
    };
    add("00:1f.0", "0000:00:1f.0", "8086:a305", 0x060100, 1);
    add("00:1f.3", "0000:00:1f.3", "8086:a348", 0x040300, 1);
    add("00:1f.4", "0000:00:1f.4", "8086:a323", 0x0c0500, 1);
    add("00:1f.6", "0000:00:1f.6", "8086:15bc", 0x020000, 1);
    add("01:00.0", "0000:00:01.1/00.0", "10de:128b", 0x030000, 2);
    add("01:00.1", "0000:00:01.1/00.1", "10de:0e0f", 0x040300, 2);
    add("02:00.0", "0000:00:01.2/00.0", "15b3:101b", 0x020000, 3);
    add("02:00.1", "0000:00:01.2/00.1", "15b3:101b", 0x020000, 4);
    return builder.build();
}

std::string pinned(const Machine& machine, const char* address)
{
    const Functions functions = companions(machine, *machine.find(*parse_address(address)));
    return to_text(pinned_statement(machine, functions));
}

} // namespace

TEST(Pin, ACardIsTakenWhole)
{
    const Machine machine = some_machine(true);
    const std::string wanted = "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f subsystem=1458:36f6";
    EXPECT_EQ(pinned(machine, "01:00.0"), wanted);
    EXPECT_EQ(pinned(machine, "01:00.1"), wanted);
}

TEST(Pin, FunctionsInOtherGroupsStay)
{
    EXPECT_EQ(pinned(some_machine(true), "02:00.1"), "bind path=0000:00:01.2/00.1 id=15b3:101b subsystem=1458:36f6");
}

TEST(Pin, WithoutGroupsACardIsItsSlotAndBuiltInFunctionsStandAlone)
{
    const Machine machine = some_machine(false);
    EXPECT_EQ(pinned(machine, "01:00.0"), "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f subsystem=1458:36f6");
    EXPECT_EQ(pinned(machine, "00:1f.3"), "bind path=0000:00:1f.3 id=8086:a348 subsystem=1458:36f6");
}

TEST(Pin, SomeOfASlotAreNamedByAGlob)
{
    const Machine machine = some_machine(true);
    const Functions functions{machine.find(*parse_address("00:1f.3")), machine.find(*parse_address("00:1f.6"))};
    EXPECT_EQ(to_text(pinned_statement(machine, functions)),
              "bind path=0000:00:1f.[36] id=8086:a348,8086:15bc subsystem=1458:36f6");
}

TEST(Pin, CommentsAreKnownAgain)
{
    EXPECT_EQ(commented_address("# 0000:01:00.0 VGA compatible controller")->text(), "0000:01:00.0");
    EXPECT_FALSE(commented_address("# the card of 01:00.0"));
    EXPECT_FALSE(commented_address("bind 01:00.0"));
}

TEST(PolicyEdit, LinesGoBehindTheLastStatement)
{
    EXPECT_EQ(with_lines_added("# mine\nbind 02:00.0\n\n", "", card),
              "# mine\nbind 02:00.0\n\n# 0000:01:00.0 a card\nbind path=0000:00:01.1/00.*\n\n");
    EXPECT_EQ(with_lines_added("", "", card), "# 0000:01:00.0 a card\nbind path=0000:00:01.1/00.*\n");
    EXPECT_EQ(with_lines_added("bind 02:00.0", "", card),
              "bind 02:00.0\n\n# 0000:01:00.0 a card\nbind path=0000:00:01.1/00.*\n");
}

TEST(PolicyEdit, TheCommonPartEndsBeforeTheFirstSectionAndItsComment)
{
    EXPECT_EQ(
        with_lines_added("bind 02:00.0\n\n# evenings\n[gaming]\nbind 03:00.0\n", "", card),
        "bind 02:00.0\n\n# 0000:01:00.0 a card\nbind path=0000:00:01.1/00.*\n\n# evenings\n[gaming]\nbind 03:00.0\n");
    EXPECT_EQ(with_lines_added("[gaming]\nbind 03:00.0\n", "", card),
              "# 0000:01:00.0 a card\nbind path=0000:00:01.1/00.*\n\n[gaming]\nbind 03:00.0\n");
}

TEST(PolicyEdit, SectionsAreFoundOrMade)
{
    EXPECT_EQ(with_lines_added("bind 02:00.0\n[gaming] # evenings\nbind 03:00.0\n[work]\n", "gaming", card),
              "bind 02:00.0\n[gaming] # evenings\nbind 03:00.0\n\n# 0000:01:00.0 a card\nbind "
              "path=0000:00:01.1/00.*\n\n[work]\n");
    EXPECT_EQ(with_lines_added("bind 02:00.0\n", "gaming", card),
              "bind 02:00.0\n\n[gaming]\n# 0000:01:00.0 a card\nbind path=0000:00:01.1/00.*\n");
}

TEST(PolicyEdit, RemovingTakesOurCommentsAndLeavesTheUsers)
{
    const std::string text = "# mine\n\n# for the guest\n# 0000:01:00.0 a card\nbind 01:00.*\n\nbind 02:00.0\n";
    EXPECT_EQ(without_statements(text, {5}), "# mine\n\n# for the guest\n\nbind 02:00.0\n");
    EXPECT_EQ(without_statements("bind 01:00.0\nbind 02:00.0\n", {1}), "bind 02:00.0\n");
    EXPECT_EQ(without_statements("bind 01:00.0\n\n# 0000:02:00.0 x\nbind 02:00.0\n", {4}), "bind 01:00.0\n");
}

TEST(PolicyEdit, AddingAndRemovingGivesTheSameTextBack)
{
    for (const std::string text : {"", "# mine\nbind 02:00.0\n", "bind 02:00.0\n\n# x\n[gaming]\nbind 03:00.0\n"}) {
        const std::string added = with_lines_added(text, "", card);
        unsigned line = 1;
        for (std::size_t at = 0; added.compare(at, 9, "bind path") != 0; at = added.find('\n', at) + 1)
            ++line;
        EXPECT_EQ(without_statements(added, {line}), text);
    }
}

TEST(UnifiedDiff, ShowsThreeLinesAround)
{
    EXPECT_EQ(unified_diff("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
              "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    EXPECT_EQ(unified_diff("f", "", "a\n"), "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+a\n");
    EXPECT_EQ(unified_diff("f", "a\n", "a\n"), "");
}

TEST(UnifiedDiff, ChangesFarApartAreTwoHunks)
{
    std::string before;
    for (char c = 'a'; c <= 'z'; ++c)
        before += std::string(1, c) + "\n";
    std::string after = before;
    after.replace(after.find('b'), 1, "B");
    after.replace(after.find('y'), 1, "Y");
    EXPECT_EQ(unified_diff("f", before, after),
              "--- f\n+++ f\n@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -22,5 +22,5 @@\n v\n w\n x\n-y\n+Y\n z\n");
}

TEST(UnifiedDiff, ALongFileTakesLittleMemory)
{
    std::string before;
    std::string after;
    for (int line = 0; line < 40'000; ++line) {
        before += "bind " + std::to_string(line) + "\n";
        if (line % 2 == 0)
            after += "bind " + std::to_string(line) + "\n";
    }
    const auto peak = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss; // KiB
    };
    const long first = peak();
    const std::string text = unified_diff("f", before, after);
    EXPECT_LT(peak() - first, 100 * 1024);
    EXPECT_NE(text.find("-bind 1\n"), text.npos);
    EXPECT_NE(unified_diff("f", before + "x\n", before + "y\n").find("-x\n+y\n"), text.npos);
}

TEST(PolicyChange, WhatThePlanNeitherBindsNorRefusesIsMissing)
{
    const Address bound = *parse_address("01:00.0");
    const Address refused = *parse_address("02:00.0");
    const Address forgotten = *parse_address("03:00.0");
    Plan plan;
    plan.functions.push_back({});
    plan.functions.back().address = bound;
    plan.refused.push_back({});
    plan.refused.back().address = refused;
    EXPECT_EQ(unplanned(plan, {bound, refused, forgotten}), (std::set<Address>{forgotten}));
}

} // namespace vfio_early::test
