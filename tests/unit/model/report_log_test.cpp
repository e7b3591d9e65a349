// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/printable.hpp"
#include "early/model/report.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using Lines = std::vector<std::string>;

Outcome outcome(Outcome::Kind kind, std::string_view address = "0000:01:00.0", std::string id = "10de:128b")
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.subject = address;
    outcome.id = std::move(id);
    outcome.address = parse_address(address);
    outcome.group = 14;
    outcome.driver = kind == Outcome::Kind::bound ? "vfio-pci" : "";
    outcome.where = {"/etc/vfio-early.conf", 2, 1};
    return outcome;
}

Outcome refused(Refusal refusal, std::string detail)
{
    Outcome result = outcome(Outcome::Kind::refused, "0000:05:00.0", "144d:a80a");
    result.refusal = refusal;
    result.detail = std::move(detail);
    result.where.line = 7;
    return result;
}

Outcome failed(Outcome::State state)
{
    Outcome result = outcome(Outcome::Kind::failed, "0000:02:00.0", "10de:1b80");
    result.detail = "vfio-pci probe: Device or resource busy";
    result.state = state;
    return result;
}

Lines lines(const Report& report)
{
    Lines texts;
    for (const LogRecord& record : log_records(report))
        texts.push_back(std::to_string(record.level) + ' ' + record.text);
    return texts;
}

Report report_of(std::vector<Outcome> outcomes)
{
    Report report;
    report.outcomes = std::move(outcomes);
    report.duration = std::chrono::microseconds(41'900);
    return report;
}

TEST(Log, HasOneLineForEachOutcomeAndOneForTheEnd)
{
    const Report report = report_of({outcome(Outcome::Kind::bound), refused(Refusal::root_disk, "/ is on nvme0n1p2"),
                                     failed(Outcome::State::released)});
    EXPECT_EQ(lines(report),
              (Lines{"6 vfio-early: 0000:01:00.0 10de:128b bound to vfio-pci (vfio-early.conf:2)",
                     "4 vfio-early: 0000:05:00.0 144d:a80a refused: root-disk: / is on nvme0n1p2 (vfio-early.conf:7)",
                     "3 vfio-early: 0000:02:00.0 10de:1b80 failed: vfio-pci probe: Device or resource busy; released "
                     "(vfio-early.conf:2)",
                     "5 vfio-early: done: 1 bound, 1 refused, 1 failed in 41 ms"}));
    EXPECT_EQ(report.exit_code(), 1);
}

TEST(ExitCode, IsOneIfAnythingWasRefusedOrFailed)
{
    EXPECT_EQ(report_of({}).exit_code(), 0);
    EXPECT_EQ(report_of({outcome(Outcome::Kind::bound), outcome(Outcome::Kind::kept)}).exit_code(), 0);
    EXPECT_EQ(report_of({outcome(Outcome::Kind::bound), refused(Refusal::missing, "")}).exit_code(), 1);
    EXPECT_EQ(report_of({failed(Outcome::State::released)}).exit_code(), 1);
}

TEST(Log, SaysHowAFailedFunctionWasLeft)
{
    EXPECT_NE(log_record(failed(Outcome::State::held)).text.find("busy; held (vfio-early.conf:2)"), std::string::npos);
}

TEST(Log, TellsOfFunctionsThatGetVirtualFunctions)
{
    Outcome waiting = outcome(Outcome::Kind::kept, "0000:05:00.0", "8086:1572");
    waiting.driver.clear();
    waiting.detail = "4 virtual functions";
    Report report = report_of({waiting});
    EXPECT_EQ(lines(report),
              (Lines{"6 vfio-early: 0000:05:00.0 8086:1572 waits for its native driver: 4 virtual functions "
                     "(vfio-early.conf:2)",
                     "5 vfio-early: done: 0 bound, 0 refused, 0 failed, 1 kept in 41 ms"}));
    EXPECT_EQ(report.exit_code(), 0);
    report.outcomes[0].driver = "i40e";
    report.outcomes[0].detail = "4 virtual functions created";
    EXPECT_EQ(lines(report)[0],
              "6 vfio-early: 0000:05:00.0 8086:1572 kept by i40e: 4 virtual functions created (vfio-early.conf:2)");
    report.mode = BootRequest::Mode::dry_run;
    report.outcomes[0].detail = "4 virtual functions for vfio-pci";
    EXPECT_EQ(
        lines(report),
        (Lines{
            "6 vfio-early: dry-run: would leave 0000:05:00.0 8086:1572 to its native driver: 4 virtual functions for "
            "vfio-pci (vfio-early.conf:2)",
            "5 vfio-early: dry-run: done: would bind 0, 0 refused, keep 1 in 41 ms"}));
}

TEST(Log, LeavesOutWhatIsNotKnown)
{
    Outcome nothing = refused(Refusal::missing, "");
    nothing.subject = "id=10de:128b";
    nothing.id.clear();
    nothing.where = {};
    EXPECT_EQ(log_record(nothing).text, "vfio-early: id=10de:128b refused: missing");
}

TEST(Log, WarnsOfSettingsThatDidNotTakeAndOfAGroupThatIsNotViable)
{
    Outcome bound = outcome(Outcome::Kind::bound);
    bound.settings = {{"reset=flr", SettingOutcome::Result::applied, ""},
                      {"d3cold=off", SettingOutcome::Result::unsupported, ""},
                      {"rebar0=256M", SettingOutcome::Result::failed, "Device or resource busy"}};
    bound.viable = false;
    const Lines all = lines(report_of({bound}));
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[1], "4 vfio-early: 0000:01:00.0 10de:128b d3cold=off not applied: the kernel does not offer it here "
                      "(vfio-early.conf:2)");
    EXPECT_EQ(
        all[2],
        "4 vfio-early: 0000:01:00.0 10de:128b rebar0=256M not applied: Device or resource busy (vfio-early.conf:2)");
    EXPECT_EQ(all[3].substr(0, 76), "4 vfio-early: 0000:01:00.0 10de:128b group 14 is not viable: another functio");
}

TEST(Log, QuietLeavesOutWhatWentWell)
{
    Report report = report_of({outcome(Outcome::Kind::bound), refused(Refusal::bridge, "")});
    report.log = LogLevel::quiet;
    report.warnings = {"a warning"};
    report.notes = {"a note"};
    EXPECT_EQ(lines(report), (Lines{"4 vfio-early: a warning",
                                    "4 vfio-early: 0000:05:00.0 144d:a80a refused: bridge (vfio-early.conf:7)",
                                    "5 vfio-early: done: 1 bound, 1 refused, 0 failed in 41 ms"}));
}

TEST(Log, DebugAddsNotes)
{
    Report report = report_of({});
    report.notes = {"a note"};
    EXPECT_EQ(lines(report).size(), 1U);
    report.log = LogLevel::debug;
    EXPECT_EQ(lines(report),
              (Lines{"7 vfio-early: a note", "5 vfio-early: done: 0 bound, 0 refused, 0 failed in 41 ms"}));
}

TEST(Log, OfADryRunNeverSaysThatAnythingWasDone)
{
    Report report = report_of({outcome(Outcome::Kind::bound), refused(Refusal::bridge, "")});
    report.mode = BootRequest::Mode::dry_run;
    report.log = LogLevel::quiet;
    EXPECT_EQ(lines(report),
              (Lines{"6 vfio-early: dry-run: would bind 0000:01:00.0 10de:128b to vfio-pci (vfio-early.conf:2)",
                     "4 vfio-early: 0000:05:00.0 144d:a80a refused: bridge (vfio-early.conf:7)",
                     "5 vfio-early: dry-run: done: would bind 1, 1 refused in 41 ms"}));
}

TEST(Log, OfAProgramThatIsSwitchedOffSaysWhy)
{
    Report report = report_of({});
    report.mode = BootRequest::Mode::off;
    report.off_because = "'vfio_early=off' is on the kernel command line";
    EXPECT_EQ(lines(report), (Lines{"5 vfio-early: off: 'vfio_early=off' is on the kernel command line"}));
}

TEST(Log, RecordsAreCutBetweenCharacters)
{
    std::string umlauts;
    for (int i = 0; i < 1000; ++i)
        umlauts += "ä";
    for (int shift = 0; shift < 2; ++shift) {
        const std::string text =
            log_record(refused(Refusal::policy, std::string(static_cast<std::size_t>(shift), 'x') + umlauts)).text;
        EXPECT_LT(text.size(), 900U);
        EXPECT_GT(text.size(), 890U);
        EXPECT_EQ(text, printable(text)); // no half character was left
        EXPECT_TRUE(text.ends_with("..."));
    }
}

TEST(Log, RecordsAreOneLineOfText)
{
    EXPECT_EQ(log_record(refused(Refusal::policy, "a\nb\x1b[2J\xff")).text,
              "vfio-early: 0000:05:00.0 144d:a80a refused: policy: a\\x0ab\\x1b[2J\\xff (vfio-early.conf:7)");
}

TEST(IntendedOutcomes, AreThoseOfThePlan)
{
    Plan plan;
    plan.functions.resize(1);
    plan.functions[0].driver = "vfio-pci";
    plan.refused.resize(1);
    plan.refused[0].refusal = Refusal::group;
    const auto outcomes = intended_outcomes(plan);
    ASSERT_EQ(outcomes.size(), 2U);
    EXPECT_EQ(outcomes[0].kind, Outcome::Kind::bound);
    EXPECT_EQ(outcomes[0].driver, "vfio-pci");
    EXPECT_EQ(outcomes[1].refusal, Refusal::group);
    EXPECT_EQ(refusals_of(plan).size(), 1U);
}

} // namespace
} // namespace vfio_early
