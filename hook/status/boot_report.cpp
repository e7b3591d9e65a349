// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/boot_report.hpp"

#include "early/model/text.hpp"
#include "early/tell/report_lines.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

namespace vfio_early {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t schema = 2;

/// Reads the members of one object; `good()` tells whether all that were there were of the right kind.
class Members {
public:
    explicit Members(const Json& json) : json_(json), good_(json.is_object()) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool has(const char* name) const { return member(name) != nullptr; }

    std::string text(const char* name)
    {
        const Json* found = member(name);
        if (found == nullptr)
            return {};
        good_ = good_ && found->is_string();
        return found->is_string() ? found->get<std::string>() : std::string();
    }

    template <typename Number>
    std::optional<Number> number(const char* name)
    {
        const Json* found = member(name);
        if (found == nullptr)
            return std::nullopt;
        if (found->is_number_unsigned() && std::in_range<Number>(found->get<std::uint64_t>()))
            return static_cast<Number>(found->get<std::uint64_t>());
        good_ = false;
        return std::nullopt;
    }

    std::optional<bool> flag(const char* name)
    {
        const Json* found = member(name);
        if (found == nullptr)
            return std::nullopt;
        good_ = good_ && found->is_boolean();
        return found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
    }

    /// The place of the word among `words`, which are in the order of the enumeration.
    template <typename Enum>
    std::optional<Enum> word(const char* name, std::span<const std::string_view> words)
    {
        if (!has(name))
            return std::nullopt;
        const std::string value = text(name);
        const auto place = std::ranges::find(words, std::string_view(value));
        good_ = good_ && place != words.end();
        return place == words.end() ? std::nullopt : std::optional(static_cast<Enum>(place - words.begin()));
    }

    /// An object or array; an empty one where there is none.
    [[nodiscard]] const Json& part(const char* name) const
    {
        static const Json none = Json::object();
        const Json* found = member(name);
        return found == nullptr ? none : *found;
    }

private:
    [[nodiscard]] const Json* member(const char* name) const
    {
        if (!json_.is_object())
            return nullptr;
        const auto found = json_.find(name);
        return found == json_.end() ? nullptr : &*found;
    }

    const Json& json_;
    bool good_;
};

std::optional<std::vector<SettingOutcome>> read_settings(const Json& list)
{
    std::vector<SettingOutcome> settings;
    for (const Json& element : list) {
        Members members(element);
        SettingOutcome& setting = settings.emplace_back();
        setting.setting = members.text("setting");
        setting.detail = members.text("detail");
        const auto result = members.word<SettingOutcome::Result>("result", report_words::results);
        if (!members.good() || !result)
            return std::nullopt;
        setting.result = *result;
    }
    return settings;
}

std::optional<Outcome> read_outcome(const Json& json, BootRequest::Mode mode)
{
    Members members(json);
    const bool intended = mode == BootRequest::Mode::dry_run;
    const auto kind =
        members.word<Outcome::Kind>("outcome", intended ? report_words::intended_kinds : report_words::kinds);
    Outcome outcome;
    outcome.kind = kind.value_or(Outcome::Kind::refused);
    outcome.subject = members.text("subject");
    outcome.id = members.text("id");
    outcome.address = parse_address(members.text("address"));
    outcome.group = members.number<unsigned>("group");
    outcome.driver = members.text("driver");
    outcome.refusal = parse_refusal(members.text("refusal"));
    outcome.detail = members.text("detail");
    outcome.state = members.word<Outcome::State>("state", report_words::states);
    outcome.viable = members.flag("viable");
    outcome.may_hold_root = members.flag("may_hold_root").value_or(false);
    Members where(members.part("where"));
    outcome.where = {where.text("file"), where.number<unsigned>("line").value_or(0),
                     where.number<unsigned>("column").value_or(0)};
    auto settings = read_settings(members.part("settings"));
    const bool understood =
        outcome.address.has_value() == members.has("address") && outcome.refusal.has_value() == members.has("refusal");
    if (!members.good() || !where.good() || !kind || !settings || !understood)
        return std::nullopt;
    outcome.settings = std::move(*settings);
    return outcome;
}

void take(Report& report, Outcome newer)
{
    std::erase_if(report.outcomes, [&](const Outcome& known) {
        return known.refusal == Refusal::missing && !known.address && newer.address && !newer.where.file.empty() &&
               known.where == newer.where;
    });
    const auto same = std::ranges::find_if(report.outcomes, [&](const Outcome& known) {
        return newer.address ? known.address == newer.address : known.subject == newer.subject;
    });
    if (same == report.outcomes.end()) {
        report.outcomes.push_back(std::move(newer));
        return;
    }
    // What is said of a release does not know which statement had taken the function.
    if (newer.where.file.empty())
        newer.where = same->where;
    *same = std::move(newer);
}

/// The line that begins the boot.
std::optional<Report> read_boot(const Json& json)
{
    Members members(json);
    Report report;
    const auto found = members.number<std::uint64_t>("schema");
    report.mode = members.word<BootRequest::Mode>("mode", report_words::modes).value_or(BootRequest::Mode::normal);
    report.off_because = members.text("because");
    report.log = members.word<LogLevel>("log", report_words::levels).value_or(LogLevel::normal);
    report.duration = std::chrono::microseconds(members.number<std::int64_t>("duration_us").value_or(0));
    if (!members.good() || found != schema)
        return std::nullopt;
    return report;
}

/// False for a line that is none of a report's.
bool add_line(Report& report, const Json& json)
{
    Members members(json);
    if (members.has("schema")) // a later run begins
        return members.good();
    if (members.has("warning")) {
        report.warnings.push_back(members.text("warning"));
        return members.good();
    }
    if (members.has("note")) {
        report.notes.push_back(members.text("note"));
        return members.good();
    }
    auto outcome = read_outcome(json, report.mode);
    if (!outcome)
        return false;
    take(report, std::move(*outcome));
    return true;
}

} // namespace

std::optional<Report> parse_report(std::string_view lines)
{
    lines = lines.substr(0, lines.rfind('\n') + 1);
    std::optional<Report> report;
    for (const std::string_view line : split(lines, '\n')) {
        if (line.empty())
            continue;
        const Json json = Json::parse(line, nullptr, false);
        if (json.is_discarded())
            return std::nullopt;
        if (report) {
            if (!add_line(*report, json))
                return std::nullopt;
        } else if (report = read_boot(json); !report) {
            return std::nullopt;
        }
    }
    return report;
}

Result<Report> read_report(const Root& root)
{
    const auto text = root.read(report_path, std::size_t{16} << 20U);
    if (!text)
        return std::unexpected(text.error());
    auto report = parse_report(*text);
    if (!report)
        return system_error("read", root.prefix() + "/" + report_path, EINVAL, "not a report of schema 2");
    return std::move(*report);
}

} // namespace vfio_early
