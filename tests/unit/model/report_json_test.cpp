// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/report.hpp"

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

TEST(ReportJson, ReadsBackWhole)
{
    const std::string text = to_json(full_report());
    const auto report = report_from_json(text);
    ASSERT_TRUE(report);
    EXPECT_EQ(to_json(*report), text);
    ASSERT_EQ(report->outcomes.size(), 3U);
    EXPECT_EQ(report->outcomes[0].group, 14U);
    EXPECT_EQ(report->outcomes[0].where, (Location{"/etc/vfio-early.conf", 2, 1}));
    EXPECT_EQ(report->outcomes[0].settings.at(1).result, SettingOutcome::Result::unsupported);
    EXPECT_EQ(report->outcomes[1].refusal, Refusal::missing);
    EXPECT_FALSE(report->outcomes[1].address);
    EXPECT_EQ(report->outcomes[2].state, Outcome::State::released);
    EXPECT_EQ(report->outcomes[2].viable, false);
    EXPECT_EQ(report->duration, std::chrono::microseconds(41'123));
    EXPECT_EQ(report->log, LogLevel::debug);
}

TEST(ReportJson, BeginsWithItsSchemaAndCounts)
{
    const std::string text = to_json(full_report());
    EXPECT_TRUE(text.starts_with("{\n  \"schema\": 1,\n  \"mode\": \"normal\",\n  \"exit_code\": 1,\n"
                                 "  \"duration_us\": 41123,\n  \"counts\": {\n    \"bound\": 1,\n"))
        << text;
    EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(ReportJson, OfADryRunDoesNotSayBound)
{
    Report report = full_report();
    report.mode = BootRequest::Mode::dry_run;
    const std::string text = to_json(report);
    EXPECT_NE(text.find("\"outcome\": \"would-bind\""), std::string::npos);
    EXPECT_EQ(text.find("\"bound\""), std::string::npos);
    ASSERT_TRUE(report_from_json(text));
    EXPECT_EQ(report_from_json(text)->outcomes[0].kind, Outcome::Kind::bound);
    EXPECT_EQ(report_from_json(text)->mode, BootRequest::Mode::dry_run);
}

TEST(ReportJson, IsValidWhateverTheNamesHold)
{
    Report report = full_report();
    report.outcomes[0].detail = std::string("caf\xe9 \0 \x1b \"\\", 10);
    report.warnings = {"\xff\xfe"};
    EXPECT_TRUE(report_from_json(to_json(report)));
}

TEST(ReportJson, IsNotReadFromAnythingElse)
{
    const std::string good = to_json(full_report());
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        const auto place = text.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        return report_from_json(text.replace(place, from.size(), to));
    };
    for (const char* text : {"", "{}", "[]", "1", "null", "{\"schema\": 2}", "{\"schema\": \"1\"}", "{\"schema\": -1}"})
        EXPECT_FALSE(report_from_json(text)) << text;
    EXPECT_TRUE(report_from_json("{\"schema\": 1}"));
    EXPECT_FALSE(report_from_json(good.substr(0, good.size() / 2)));
    EXPECT_FALSE(with("\"bound\",", "\"won\","));
    EXPECT_FALSE(with("\"mode\": \"normal\"", "\"mode\": 7"));
    EXPECT_FALSE(with("\"group\": 14", "\"group\": 99999999999"));
    EXPECT_FALSE(with("\"group\": 14", "\"group\": -1"));
    EXPECT_FALSE(with("\"refusal\": \"missing\"", "\"refusal\": \"gone\""));
    EXPECT_FALSE(with("\"viable\": true", "\"viable\": 1"));
    EXPECT_FALSE(with("\"address\": \"0000:01:00.0\"", "\"address\": \"here\""));
    EXPECT_FALSE(with("\"result\": \"applied\"", "\"result\": null"));
    EXPECT_FALSE(with("\"a warning\"", "[\"a warning\"]"));
    EXPECT_FALSE(report_from_json("{\"schema\": 1, \"functions\": [1]}"));
    EXPECT_FALSE(report_from_json("{\"schema\": 1, \"functions\": {}}"));
}

TEST(ReportJson, CopesWithDeepNesting)
{
    EXPECT_FALSE(report_from_json(std::string(200'000, '[')));
    EXPECT_FALSE(
        report_from_json("{\"schema\":1,\"functions\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"));
}

} // namespace
} // namespace vfio_early
