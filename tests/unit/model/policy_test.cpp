// SPDX-License-Identifier: GPL-2.0-or-later
// What the corpora cannot show: several files, limits, and the order of what is reported.
#include "early/model/policy.hpp"
#include "tests/support/policy_dump.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace vfio_early {
namespace {

using test::dump;
using test::render_all;

ParsedPolicy parse(std::vector<PolicyFile> files)
{
    return parse_policy(files);
}

ParsedPolicy parse_text(std::string text)
{
    return parse({{"/etc/vfio-early.conf", std::move(text)}});
}

std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

TEST(Policy, OfNoFilesIsEmptyAndGood)
{
    EXPECT_TRUE(parse({}).ok());
    EXPECT_EQ(dump(parse({}).policy), "timeout 10000 ms, trial 2, log normal\n");
}

TEST(Policy, NamesTheFileAndTheFirstColumnOfAStatement)
{
    const auto parsed = parse_text("\n  bind 01:00.0\n");
    ASSERT_EQ(parsed.policy.binds.size(), 1U);
    EXPECT_EQ(parsed.policy.binds[0].where, (Location{"/etc/vfio-early.conf", 2, 3}));
}

TEST(DropIn, AddsStatements)
{
    const auto parsed = parse({{"a.conf", "bind 01:00.0\n"}, {"b.conf", "bind 02:00.0\n"}});
    ASSERT_EQ(parsed.policy.binds.size(), 2U);
    EXPECT_EQ(parsed.policy.binds[1].where.file, "b.conf");
}

TEST(DropIn, BeginsOutsideOfAnyProfile)
{
    const auto parsed = parse({{"a.conf", "[gaming]\nbind 01:00.0"}, {"b.conf", "bind 02:00.0\n"}});
    ASSERT_EQ(parsed.policy.binds.size(), 2U);
    EXPECT_EQ(parsed.policy.binds[0].profile, "gaming");
    EXPECT_EQ(parsed.policy.binds[1].profile, "");
}

TEST(DropIn, OverridesTimeoutTrialAndLog)
{
    const auto parsed = parse(
        {{"a.conf", "set timeout 5s\nset log quiet\nset trial 4\n"}, {"b.conf", "set timeout 7s\nset trial off\n"}});
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.policy.timeout, std::chrono::seconds(7));
    EXPECT_FALSE(parsed.policy.trial);
    EXPECT_EQ(parsed.policy.log, LogLevel::quiet);
}

TEST(DropIn, ThatRepeatsAStatementIsNamedWithItsFirstFile)
{
    const auto parsed = parse({{"/etc/a.conf", "bind 01:00.0\n"}, {"/etc/b.conf", "bind 01:00.0\n"}});
    EXPECT_TRUE(parsed.ok());
    ASSERT_EQ(parsed.diagnostics.size(), 1U);
    EXPECT_EQ(parsed.diagnostics[0].where.file, "/etc/b.conf");
    EXPECT_NE(parsed.diagnostics[0].message.find("a.conf:1"), std::string::npos);
}

TEST(Limits, AFileOverOneMebibyteIsAnError)
{
    EXPECT_TRUE(parse_text(std::string(1U << 20U, '\n')).ok());
    const auto parsed = parse_text(std::string((1U << 20U) + 1, '\n'));
    EXPECT_FALSE(parsed.ok());
    ASSERT_EQ(parsed.diagnostics.size(), 1U);
    EXPECT_EQ(parsed.diagnostics[0].where.line, 0U);
}

TEST(Limits, ALineMayHave4096Bytes)
{
    const std::string start = "bind 01:00.0 #";
    EXPECT_TRUE(parse_text(start + std::string(4096 - start.size(), 'x') + "\r\n").ok());
    EXPECT_FALSE(parse_text(start + std::string(4097 - start.size(), 'x') + "\n").ok());
}

TEST(Diagnostics, KeepsTwentyErrorsAndCountsTheRest)
{
    const auto parsed = parse_text(repeated("bind\n", 50));
    EXPECT_EQ(parsed.diagnostics.size(), max_diagnostics);
    EXPECT_EQ(parsed.suppressed, 30U);
    EXPECT_FALSE(parsed.ok());
}

TEST(Diagnostics, WarningsNeverPushAnErrorOut)
{
    const auto parsed = parse_text(repeated("bind 01:00.0\n", 40) + "bind\n");
    EXPECT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.diagnostics.size(), max_diagnostics);
    EXPECT_EQ(parsed.suppressed, 0U);
    EXPECT_EQ(parsed.diagnostics.back().severity, Diagnostic::Severity::error);
}

TEST(Diagnostics, StandInOrderOfPlace)
{
    const auto parsed = parse_text("bind 01:00.0 all=1 id=x driver=\nset log loud\nbind id=1,2,3\n");
    ASSERT_GE(parsed.diagnostics.size(), 6U);
    EXPECT_TRUE(std::ranges::is_sorted(parsed.diagnostics, {}, &Diagnostic::where));
}

TEST(Diagnostics, OneWrongLineDoesNotHideTheOthers)
{
    const auto parsed = parse_text("bind 01:00.0 because=\"\nbind id=zz\nbind 02:00.0\n");
    EXPECT_EQ(parsed.diagnostics.size(), 2U);
    EXPECT_EQ(parsed.policy.binds.size(), 1U);
}

TEST(HostileInput, AMebibyteOfErrorsCostsLittleTimeAndMemory)
{
    std::string line = repeated("a=\" ", 1000) + '\n';
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& text :
         {repeated(line, 260), repeated("x ", 1U << 19U), repeated("id=,,,,,,,,,,,,\n", 60000),
          repeated("[a]\nbind 01:00.0\n", 60000), repeated("\xff", 1U << 20U)}) {
        const auto parsed = parse_text(text);
        EXPECT_LE(parsed.diagnostics.size(), max_diagnostics);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(HostileInput, ParsesTheSameTwice)
{
    const std::string text = repeated("bind 01:00.0 id=1 clas=3\nset\n[x]\nbind 01:00.0\n", 30);
    EXPECT_EQ(render_all(parse_text(text)), render_all(parse_text(text)));
    EXPECT_EQ(dump(parse_text(text).policy), dump(parse_text(text).policy));
}

TEST(ToText, QuotesOnlyWhereItMust)
{
    ProtectStatement protect;
    protect.selector.ids = {{0x144d, 0xa80a}};
    protect.because = "drive#1";
    EXPECT_EQ(to_text(protect), "protect id=144d:a80a because=drive#1");
    protect.because = "a \"b\" \\";
    EXPECT_EQ(to_text(protect), "protect id=144d:a80a because=\"a \\\"b\\\" \\\\\"");
}

TEST(ToText, LeavesOutDefaults)
{
    BindStatement bind;
    bind.selector.address = parse_address_pattern("01:00.*");
    EXPECT_EQ(to_text(bind), "bind 0000:01:00.*");
    bind.all = true;
    bind.with = Scope::group;
    bind.allow.insert(Refusal::last_display);
    bind.settings = {{DeviceSetting::Kind::reset, 0, 0, "flr bus"}};
    EXPECT_EQ(to_text(bind), "bind 0000:01:00.* all with=group allow=last-display reset=flr,bus");
}

const PolicyFile system_file{"/etc/vfio-early.conf", "bind 01:00.0\nset timeout 5s\n"};

PolicyFile credential(const std::string& name, std::string text)
{
    return {"credential:" + name, std::move(text), true};
}

TEST(Credentials, AreADropInThatComesLast)
{
    const ParsedPolicy parsed = parse({system_file, credential("vfio-early.conf", "bind 02:00.0\nset timeout 7s\n")});
    ASSERT_TRUE(parsed.ok()) << render_all(parsed);
    ASSERT_EQ(parsed.policy.binds.size(), 2U);
    EXPECT_EQ(parsed.policy.binds[1].where.short_text(), "credential:vfio-early.conf:1");
    EXPECT_EQ(parsed.policy.timeout, std::chrono::seconds(7));
}

TEST(Credentials, AMalformedOneBindsNothingOfItsOwnAndCostsNobodyElse)
{
    const ParsedPolicy parsed =
        parse({system_file, credential("vfio-early.conf", "bind 02:00.0\nset timeout 7s\nbnid 03:00.0\nset nonsense\n"),
               credential("vfio-early.more.conf", "bind 04:00.0\n")});
    ASSERT_TRUE(parsed.ok()) << render_all(parsed);
    ASSERT_EQ(parsed.policy.binds.size(), 2U);
    EXPECT_EQ(parsed.policy.binds[1].where.file, "credential:vfio-early.more.conf");
    EXPECT_EQ(parsed.policy.timeout, std::chrono::seconds(5));
    ASSERT_EQ(parsed.diagnostics.size(), 1U) << "one line, however much is wrong";
    EXPECT_EQ(parsed.diagnostics[0].severity, Diagnostic::Severity::warning);
    EXPECT_EQ(parsed.diagnostics[0].where.full_text(), "credential:vfio-early.conf:3:1");
    EXPECT_TRUE(parsed.diagnostics[0].message.ends_with("; nothing of this credential holds"));
}

TEST(Credentials, AreNoWayAroundAnErrorOfTheSystemsOwnFiles)
{
    const ParsedPolicy parsed =
        parse({{"/etc/vfio-early.conf", "bnid 01:00.0\n"}, credential("vfio-early.conf", "bind 02:00.0\n")});
    EXPECT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.diagnostics.front().where.file, "/etc/vfio-early.conf");
}

TEST(Credentials, CannotPassForTheFactsOfAnImage)
{
    const ParsedPolicy parsed =
        parse({system_file, credential("vfio-early.conf", std::string(facts_mark) + "\nimage root=known\n")});
    EXPECT_TRUE(parsed.ok());
    EXPECT_FALSE(parsed.policy.facts);
    EXPECT_EQ(parsed.diagnostics.size(), 1U);
}

} // namespace
} // namespace vfio_early
