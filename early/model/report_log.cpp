// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/report.hpp"

#include "early/model/printable.hpp"

#include <utility>

namespace vfio_early {

namespace {

using Level = LogRecord::Level;

/// "0000:01:00.0 10de:128b"
std::string name_of(const Outcome& outcome)
{
    return outcome.id.empty() ? outcome.subject : outcome.subject + ' ' + outcome.id;
}

/// " (vfio-early.conf:2)"
std::string place_of(const Outcome& outcome)
{
    return outcome.where.file.empty() ? std::string() : " (" + outcome.where.short_text() + ')';
}

std::string group_of(const Outcome& outcome)
{
    return outcome.group ? "group " + std::to_string(*outcome.group) : std::string("its group");
}

/// ": detail", or nothing
std::string after_colon(const std::string& detail)
{
    return detail.empty() ? std::string() : ": " + detail;
}

LogRecord dry_run_record(const Outcome& outcome)
{
    const std::string end = name_of(outcome);
    if (outcome.kind == Outcome::Kind::bound)
        return {Level::info, "dry-run: would bind " + end + " to " + outcome.driver + place_of(outcome)};
    if (outcome.kind == Outcome::Kind::kept)
        return {Level::info, "dry-run: would leave " + end + " to its native driver" + after_colon(outcome.detail) +
                                 place_of(outcome)};
    return log_record(outcome);
}

/// What went wrong beside the outcome itself.
void add_warnings(const Outcome& outcome, std::vector<LogRecord>& records)
{
    for (const SettingOutcome& setting : outcome.settings) {
        if (setting.result == SettingOutcome::Result::applied)
            continue;
        std::string why = setting.detail;
        if (why.empty())
            why =
                setting.result == SettingOutcome::Result::unsupported ? "the kernel does not offer it here" : "failed";
        records.emplace_back(Level::warning,
                             name_of(outcome) + ' ' + setting.setting + " not applied: " + why + place_of(outcome));
    }
    if (outcome.viable == false) {
        records.emplace_back(Level::warning, name_of(outcome) + ' ' + group_of(outcome) +
                                                 " is not viable: another function of it has a native driver" +
                                                 place_of(outcome));
    }
}

std::string milliseconds_text(std::chrono::microseconds duration)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

LogRecord done_record(const Report& report)
{
    const auto number = [&](Outcome::Kind kind) { return std::to_string(report.count(kind)); };
    const bool kept = report.count(Outcome::Kind::kept) != 0;
    std::string text;
    if (report.mode == BootRequest::Mode::dry_run) {
        text = "dry-run: done: would bind " + number(Outcome::Kind::bound) + ", " + number(Outcome::Kind::refused) +
               " refused";
        text += kept ? ", keep " + number(Outcome::Kind::kept) : "";
    } else {
        text = "done: " + number(Outcome::Kind::bound) + " bound, " + number(Outcome::Kind::refused) + " refused, " +
               number(Outcome::Kind::failed) + " failed";
        text += kept ? ", " + number(Outcome::Kind::kept) + " kept" : "";
    }
    return {Level::notice, text + " in " + milliseconds_text(report.duration)};
}

} // namespace

LogRecord::LogRecord(Level record_level, std::string_view record_text)
    : level(record_level), text("vfio-early: " + printable(record_text))
{
    // The kernel cuts a record at about 1000 bytes (LOG_LINE_MAX in kernel/printk/printk.c), wherever that may be.
    constexpr std::size_t longest = 899;
    constexpr std::string_view left_out = "...";
    if (text.size() > longest) {
        text.resize(utf8_prefix(text, longest - left_out.size()).size());
        text += left_out;
    }
}

LogRecord log_record(const Outcome& outcome)
{
    const std::string place = place_of(outcome);
    switch (outcome.kind) {
    case Outcome::Kind::bound:
        return {Level::info, name_of(outcome) + " bound to " + outcome.driver + place};
    case Outcome::Kind::kept: {
        const std::string who = outcome.driver.empty() ? " waits for its native driver" : " kept by " + outcome.driver;
        return {Level::info, name_of(outcome) + who + after_colon(outcome.detail) + place};
    }
    case Outcome::Kind::refused: {
        const std::string word(refusal_word(outcome.refusal.value_or(Refusal::policy)));
        return {Level::warning, name_of(outcome) + " refused: " + word + after_colon(outcome.detail) + place};
    }
    case Outcome::Kind::failed:
        break;
    }
    std::string state;
    if (outcome.state)
        state = *outcome.state == Outcome::State::released ? "; released" : "; held";
    return {Level::error, name_of(outcome) + " failed" + after_colon(outcome.detail) + state + place};
}

std::vector<LogRecord> log_records(const Report& report)
{
    std::vector<LogRecord> records;
    for (const std::string& warning : report.warnings)
        records.emplace_back(Level::warning, warning);
    if (report.mode == BootRequest::Mode::off) {
        records.emplace_back(Level::notice, "off: " + report.off_because);
        return records;
    }
    if (report.log == LogLevel::debug)
        for (const std::string& note : report.notes)
            records.emplace_back(Level::debug, note);
    const bool dry_run = report.mode == BootRequest::Mode::dry_run;
    for (const Outcome& outcome : report.outcomes) {
        const bool good = outcome.kind != Outcome::Kind::refused && outcome.kind != Outcome::Kind::failed;
        // Who asks for a dry run wants to read what it would do.
        if (!good || dry_run || report.log != LogLevel::quiet)
            records.push_back(dry_run ? dry_run_record(outcome) : log_record(outcome));
        add_warnings(outcome, records);
    }
    records.push_back(done_record(report));
    return records;
}

} // namespace vfio_early
