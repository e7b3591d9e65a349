// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/boot_report.hpp"

#include "early/tell/report_lines.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

Report full_report()
{
    Outcome bound;
    bound.kind = Outcome::Kind::bound;
    bound.subject = "0000:01:00.0";
    bound.id = "10de:128b";
    bound.address = Address{0, 1, 0, 0};
    bound.group = 14;
    bound.driver = "vfio-pci";
    bound.viable = true;
    bound.may_hold_root = true;
    bound.settings = {{"reset=flr", SettingOutcome::Result::applied, ""},
                      {"d3cold=off", SettingOutcome::Result::unsupported, "no such attribute"}};
    bound.where = {"/etc/vfio-early.conf", 2, 1};
    Outcome refused;
    refused.kind = Outcome::Kind::refused;
    refused.subject = "id=10de:1b80";
    refused.refusal = Refusal::missing;
    refused.detail = "nothing \"like\" it";
    Outcome failed;
    failed.kind = Outcome::Kind::failed;
    failed.subject = "0000:02:00.0";
    failed.address = Address{0, 2, 0, 0};
    failed.state = Outcome::State::released;
    failed.viable = false;
    Report report;
    report.outcomes = {bound, refused, failed};
    report.warnings = {"a warning"};
    report.notes = {"a note"};
    report.duration = std::chrono::microseconds(41'123);
    report.log = LogLevel::debug;
    return report;
}

std::string full_lines()
{
    return report_lines(full_report(), "boot");
}

TEST(BootReport, IsReadBackWhole)
{
    const auto report = parse_report(full_lines());
    ASSERT_TRUE(report);
    EXPECT_EQ(report_lines(*report, "boot"), full_lines());
    ASSERT_EQ(report->outcomes.size(), 3U);
    EXPECT_EQ(report->outcomes[0].group, 14U);
    EXPECT_EQ(report->outcomes[0].where, (Location{"/etc/vfio-early.conf", 2, 1}));
    EXPECT_EQ(report->outcomes[0].settings.at(1).result, SettingOutcome::Result::unsupported);
    EXPECT_TRUE(report->outcomes[0].may_hold_root);
    EXPECT_EQ(report->outcomes[1].refusal, Refusal::missing);
    EXPECT_FALSE(report->outcomes[1].address);
    EXPECT_EQ(report->outcomes[2].state, Outcome::State::released);
    EXPECT_EQ(report->outcomes[2].viable, false);
    EXPECT_EQ(report->duration, std::chrono::microseconds(41'123));
    EXPECT_EQ(report->log, LogLevel::debug);
}

TEST(BootReport, IsALineForEachThing)
{
    const std::string lines = full_lines();
    EXPECT_TRUE(lines.starts_with("{\"schema\":2,\"run\":\"boot\",\"mode\":\"normal\",\"exit_code\":1,"
                                  "\"duration_us\":41123,\"log\":\"debug\"}\n{\"subject\":\"0000:01:00.0\","))
        << lines;
    EXPECT_EQ(std::ranges::count(lines, '\n'), 6);
    EXPECT_TRUE(lines.ends_with("{\"warning\":\"a warning\"}\n{\"note\":\"a note\"}\n"));
}

TEST(BootReport, OfADryRunDoesNotSayBound)
{
    Report report = full_report();
    report.mode = BootRequest::Mode::dry_run;
    const std::string lines = report_lines(report, "boot");
    EXPECT_NE(lines.find("\"outcome\":\"would-bind\""), std::string::npos);
    EXPECT_EQ(lines.find("\"bound\""), std::string::npos);
    ASSERT_TRUE(parse_report(lines));
    EXPECT_EQ(parse_report(lines)->outcomes[0].kind, Outcome::Kind::bound);
    EXPECT_EQ(parse_report(lines)->mode, BootRequest::Mode::dry_run);
}

TEST(BootReport, SaysWhyABootWasOff)
{
    Report report;
    report.mode = BootRequest::Mode::off;
    report.off_because = "asked";
    EXPECT_EQ(parse_report(report_lines(report, "boot"))->off_because, "asked");
}

TEST(BootReport, ANewerOutcomeTakesTheOldOnesPlace)
{
    Report later;
    later.outcomes = {full_report().outcomes[2]};
    later.outcomes[0].kind = Outcome::Kind::bound;
    later.outcomes[0].state.reset();
    later.warnings = {"late"};
    const auto merged = parse_report(full_lines() + report_lines(later, "later"));
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->count(Outcome::Kind::bound), 2U);
    EXPECT_EQ(merged->count(Outcome::Kind::failed), 0U);
    EXPECT_EQ(merged->duration, std::chrono::microseconds(41'123));
    EXPECT_EQ(merged->warnings, (std::vector<std::string>{"a warning", "late"}));
}

TEST(BootReport, AStatementThatFoundNothingAtBootIsNoLongerMissingOnceItHasFound)
{
    Report boot = full_report();
    boot.outcomes[1].where = {"/etc/vfio-early.conf", 5, 1};
    Report later;
    later.outcomes = {boot.outcomes[0]};
    later.outcomes[0].address = Address{0, 9, 0, 0};
    later.outcomes[0].where = {"/etc/vfio-early.conf", 5, 1};
    const auto merged = parse_report(report_lines(boot, "boot") + report_lines(later, "later"));
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->outcomes.size(), 3U);
    EXPECT_EQ(merged->count(Outcome::Kind::refused), 0U);
}

TEST(BootReport, AReleaseKeepsTheStatement)
{
    Report release;
    release.outcomes = {full_report().outcomes[0]};
    release.outcomes[0].kind = Outcome::Kind::failed;
    release.outcomes[0].where = {};
    EXPECT_EQ(parse_report(full_lines() + report_lines(release, "release"))->outcomes[0].where.line, 2U);
}

TEST(BootReport, ALineThatIsStillBeingWrittenIsLeftOut)
{
    const std::string lines = full_lines();
    const auto report = parse_report(lines.substr(0, lines.size() - 3));
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->notes.empty());
    EXPECT_EQ(report->outcomes.size(), 3U);
}

TEST(BootReport, IsValidWhateverTheNamesHold)
{
    Report report = full_report();
    report.outcomes[0].detail = std::string("caf\xe9 \0 \x1b \"\\\n", 11);
    report.warnings = {"\xff\xfe"};
    const auto read = parse_report(report_lines(report, "boot"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->outcomes[0].detail, std::string("caf\xef\xbf\xbd \0 \x1b \"\\\n", 13));
    EXPECT_EQ(read->warnings[0], "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(BootReport, IsNotReadFromAnythingElse)
{
    const auto with = [](std::string_view from, std::string_view to) {
        std::string text = full_lines();
        const auto place = text.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        return parse_report(text.replace(place, from.size(), to));
    };
    for (const char* text : {"", "{}\n", "[]\n", "1\n", "null\n", "{\"schema\": 1}\n", "{\"schema\": \"2\"}\n",
                             "{\"schema\": -1}\n", "{\"schema\": 2}\n[1]\n", "{\"schema\": 2}\n{}\n"})
        EXPECT_FALSE(parse_report(text)) << text;
    EXPECT_TRUE(parse_report("{\"schema\": 2}\n"));
    EXPECT_FALSE(with("\"bound\",", "\"won\","));
    EXPECT_FALSE(with("\"mode\":\"normal\"", "\"mode\":7"));
    EXPECT_FALSE(with("\"group\":14", "\"group\":99999999999"));
    EXPECT_FALSE(with("\"group\":14", "\"group\":-1"));
    EXPECT_FALSE(with("\"refusal\":\"missing\"", "\"refusal\":\"gone\""));
    EXPECT_FALSE(with("\"viable\":true", "\"viable\":1"));
    EXPECT_FALSE(with("\"address\":\"0000:01:00.0\"", "\"address\":\"here\""));
    EXPECT_FALSE(with("\"result\":\"applied\"", "\"result\":null"));
    EXPECT_FALSE(with("\"a warning\"", "[\"a warning\"]"));
}

TEST(BootReport, CopesWithDeepNesting)
{
    EXPECT_FALSE(parse_report(std::string(200'000, '[') + "\n"));
    EXPECT_FALSE(
        parse_report("{\"schema\":2,\"mode\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}\n"));
}

} // namespace
} // namespace vfio_early
