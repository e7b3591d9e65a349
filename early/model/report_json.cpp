// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/report.hpp"

#include "early/model/text.hpp"

// This component is compiled without exceptions, vfio-earlyctl's views with them: not the same code under the same
// names.
#define NLOHMANN_JSON_NAMESPACE_BEGIN                                                                                  \
    namespace nlohmann {                                                                                               \
    inline namespace without_exceptions {
#define NLOHMANN_JSON_NAMESPACE_END                                                                                    \
    }                                                                                                                  \
    }
#define NLOHMANN_JSON_NAMESPACE nlohmann::without_exceptions
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace vfio_early {

namespace {

using Json = nlohmann::ordered_json; // for people, too: members stay in the order of writing

constexpr unsigned schema = 1;

// Each in the order of its enumeration.
constexpr std::array<std::string_view, 3> modes{"normal", "dry-run", "off"};
constexpr std::array<std::string_view, 3> levels{"quiet", "normal", "debug"};
constexpr std::array<std::string_view, 5> kinds{"bound", "held", "refused", "failed", "kept"};
/// The same in a dry run, so that nobody takes an intention for a fact.
constexpr std::array<std::string_view, 5> intended_kinds{"would-bind", "would-hold", "refused", "failed", "would-keep"};
constexpr std::array<std::string_view, 2> states{"released", "held"};
constexpr std::array<std::string_view, 3> results{"applied", "unsupported", "failed"};

template <typename Enum>
std::string_view word_of(std::span<const std::string_view> words, Enum value)
{
    return words[static_cast<std::size_t>(value)];
}

std::span<const std::string_view> kinds_of(BootRequest::Mode mode)
{
    return mode == BootRequest::Mode::dry_run ? std::span<const std::string_view>(intended_kinds) : kinds;
}

Json settings_json(const std::vector<SettingOutcome>& settings)
{
    Json list = Json::array();
    for (const SettingOutcome& setting : settings) {
        list.push_back(
            {{"setting", setting.setting}, {"result", word_of(results, setting.result)}, {"detail", setting.detail}});
    }
    return list;
}

Json outcome_json(const Outcome& outcome, BootRequest::Mode mode)
{
    Json json;
    json["subject"] = outcome.subject;
    json["id"] = outcome.id;
    json["outcome"] = word_of(kinds_of(mode), outcome.kind);
    // What does not apply is left out.
    if (outcome.address)
        json["address"] = outcome.address->text();
    if (outcome.group)
        json["group"] = *outcome.group;
    if (!outcome.driver.empty())
        json["driver"] = outcome.driver;
    if (outcome.refusal)
        json["refusal"] = refusal_word(*outcome.refusal);
    if (!outcome.detail.empty())
        json["detail"] = outcome.detail;
    if (outcome.state)
        json["state"] = word_of(states, *outcome.state);
    if (outcome.viable)
        json["viable"] = *outcome.viable;
    if (!outcome.settings.empty())
        json["settings"] = settings_json(outcome.settings);
    if (!outcome.where.file.empty())
        json["where"] = {{"file", outcome.where.file}, {"line", outcome.where.line}, {"column", outcome.where.column}};
    return json;
}

/// Reads one value after another; `good()` tells whether all were of the right kind.
class Reader {
public:
    [[nodiscard]] bool good() const { return good_; }
    void fail() { good_ = false; }

    /// The member, or null where there is none; a value that is no object has no members.
    static const Json* member(const Json& json, const char* name)
    {
        const auto found = json.is_object() ? json.find(name) : json.end();
        return json.is_object() && found != json.end() ? &*found : nullptr;
    }

    void text(const Json& json, const char* name, std::string& value) { text(member(json, name), value); }

    void text(const Json* json, std::string& value)
    {
        if (json == nullptr)
            return;
        if (json->is_string())
            value = json->get_ref<const std::string&>();
        else
            fail();
    }

    template <typename Number>
    void number(const Json& json, const char* name, Number& value)
    {
        const Json* found = member(json, name);
        if (found == nullptr)
            return;
        if (!found->is_number_unsigned() || !std::in_range<Number>(found->get<std::uint64_t>()))
            fail();
        else
            value = static_cast<Number>(found->get<std::uint64_t>());
    }

    template <typename Enum>
    std::optional<Enum> word(const Json& json, const char* name, std::span<const std::string_view> words)
    {
        const Json* found = member(json, name);
        if (found == nullptr)
            return std::nullopt;
        std::string value;
        text(found, value);
        const auto place = std::ranges::find(words, std::string_view(value));
        if (place == words.end()) {
            fail();
            return std::nullopt;
        }
        return static_cast<Enum>(place - words.begin());
    }

    /// The elements of an array; none where there is no such member.
    std::span<const Json> list(const Json& json, const char* name)
    {
        const Json* found = member(json, name);
        if (found == nullptr)
            return {};
        if (!found->is_array()) {
            fail();
            return {};
        }
        return found->get_ref<const Json::array_t&>();
    }

    void texts(const Json& json, const char* name, std::vector<std::string>& values)
    {
        for (const Json& element : list(json, name))
            text(&element, values.emplace_back());
    }

private:
    bool good_ = true;
};

void read_settings(Reader& reader, const Json& json, Outcome& outcome)
{
    for (const Json& element : reader.list(json, "settings")) {
        SettingOutcome& setting = outcome.settings.emplace_back();
        reader.text(element, "setting", setting.setting);
        reader.text(element, "detail", setting.detail);
        if (const auto result = reader.word<SettingOutcome::Result>(element, "result", results))
            setting.result = *result;
        else
            reader.fail();
    }
}

void read_identity(Reader& reader, const Json& json, Outcome& outcome)
{
    reader.text(json, "subject", outcome.subject);
    reader.text(json, "id", outcome.id);
    if (Reader::member(json, "address") != nullptr) {
        std::string address;
        reader.text(json, "address", address);
        outcome.address = parse_address(address);
        if (!outcome.address)
            reader.fail();
    }
    if (Reader::member(json, "group") != nullptr)
        reader.number(json, "group", outcome.group.emplace());
    if (const Json* where = Reader::member(json, "where")) {
        reader.text(*where, "file", outcome.where.file);
        reader.number(*where, "line", outcome.where.line);
        reader.number(*where, "column", outcome.where.column);
    }
}

Outcome read_outcome(Reader& reader, const Json& json, BootRequest::Mode mode)
{
    Outcome outcome;
    if (const auto kind = reader.word<Outcome::Kind>(json, "outcome", kinds_of(mode)))
        outcome.kind = *kind;
    else
        reader.fail();
    read_identity(reader, json, outcome);
    reader.text(json, "driver", outcome.driver);
    reader.text(json, "detail", outcome.detail);
    if (Reader::member(json, "refusal") != nullptr) {
        std::string refusal;
        reader.text(json, "refusal", refusal);
        outcome.refusal = parse_refusal(refusal);
        if (!outcome.refusal)
            reader.fail();
    }
    outcome.state = reader.word<Outcome::State>(json, "state", states);
    if (const Json* viable = Reader::member(json, "viable")) {
        if (viable->is_boolean())
            outcome.viable = viable->get<bool>();
        else
            reader.fail();
    }
    read_settings(reader, json, outcome);
    return outcome;
}

} // namespace

std::string to_json(const Report& report)
{
    Json functions = Json::array();
    for (const Outcome& outcome : report.outcomes)
        functions.push_back(outcome_json(outcome, report.mode));
    Json json;
    json["schema"] = schema;
    json["mode"] = word_of(modes, report.mode);
    json["exit_code"] = report.exit_code();
    json["duration_us"] = std::max<std::int64_t>(report.duration.count(), 0);
    for (const auto kind : {Outcome::Kind::bound, Outcome::Kind::held, Outcome::Kind::kept, Outcome::Kind::refused,
                            Outcome::Kind::failed})
        json["counts"][std::string(word_of(kinds_of(report.mode), kind))] = report.count(kind);
    json["functions"] = std::move(functions);
    json["warnings"] = report.warnings;
    json["log"] = word_of(levels, report.log);
    json["notes"] = report.notes;
    // What is not UTF-8 (a hostile name) becomes U+FFFD: the report is always valid JSON.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::optional<Report> report_from_json(std::string_view text)
{
    const Json json = Json::parse(text, nullptr, false);
    Reader reader;
    unsigned found_schema = 0;
    reader.number(json, "schema", found_schema);
    if (found_schema != schema)
        return std::nullopt;
    Report report;
    report.mode = reader.word<BootRequest::Mode>(json, "mode", modes).value_or(BootRequest::Mode::normal);
    report.log = reader.word<LogLevel>(json, "log", levels).value_or(LogLevel::normal);
    std::int64_t microseconds = 0;
    reader.number(json, "duration_us", microseconds);
    report.duration = std::chrono::microseconds(microseconds);
    for (const Json& element : reader.list(json, "functions"))
        report.outcomes.push_back(read_outcome(reader, element, report.mode));
    reader.texts(json, "warnings", report.warnings);
    reader.texts(json, "notes", report.notes);
    if (!reader.good())
        return std::nullopt;
    return report;
}

} // namespace vfio_early
