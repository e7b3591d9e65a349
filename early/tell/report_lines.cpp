// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/tell/report_lines.hpp"

#include "early/model/printable.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <cstdint>

namespace vfio_early {

namespace {

using namespace report_words;

/// A JSON string (RFC 8259, 7). What is not UTF-8 (a hostile name) becomes U+FFFD, so that every line is valid.
std::string json_string(std::string_view text)
{
    std::string json = "\"";
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const std::size_t length = utf8_length(text);
        if (length == 0)
            json += "\\ufffd";
        else if (byte == '"' || byte == '\\')
            json += std::string("\\") + text.front();
        else if (byte < 0x20)
            json += "\\u" + hex_text(byte, 4);
        else
            json += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return json + '"';
}

/// One object, member by member.
class Object {
public:
    void raw(std::string_view name, std::string_view value)
    {
        text_ += text_.empty() ? "" : ",";
        text_ += json_string(name) + ":" + std::string(value);
    }
    void text(std::string_view name, std::string_view value) { raw(name, json_string(value)); }
    void number(std::string_view name, std::int64_t value) { raw(name, std::to_string(value)); }
    /// What is empty does not apply, and is left out.
    void text_if(std::string_view name, std::string_view value)
    {
        if (!value.empty())
            text(name, value);
    }
    [[nodiscard]] std::string object() const { return "{" + text_ + "}"; }

private:
    std::string text_;
};

std::string settings_json(const std::vector<SettingOutcome>& settings)
{
    std::string list;
    for (const SettingOutcome& setting : settings) {
        Object json;
        json.text("setting", setting.setting);
        json.text("result", word_of(results, setting.result));
        json.text_if("detail", setting.detail);
        list += (list.empty() ? "" : ",") + json.object();
    }
    return "[" + list + "]";
}

std::string outcome_line(const Outcome& outcome, bool intended)
{
    Object json;
    json.text("subject", outcome.subject);
    json.text("id", outcome.id);
    json.text("outcome", word_of(intended ? intended_kinds : kinds, outcome.kind));
    if (outcome.address)
        json.text("address", outcome.address->text());
    if (outcome.group)
        json.number("group", *outcome.group);
    json.text_if("driver", outcome.driver);
    if (outcome.refusal)
        json.text("refusal", refusal_word(*outcome.refusal));
    json.text_if("detail", outcome.detail);
    if (outcome.state)
        json.text("state", word_of(states, *outcome.state));
    if (outcome.viable)
        json.raw("viable", *outcome.viable ? "true" : "false");
    if (outcome.may_hold_root)
        json.raw("may_hold_root", "true");
    if (!outcome.settings.empty())
        json.raw("settings", settings_json(outcome.settings));
    if (!outcome.where.file.empty()) {
        Object where;
        where.text("file", outcome.where.file);
        where.number("line", outcome.where.line);
        where.number("column", outcome.where.column);
        json.raw("where", where.object());
    }
    return json.object() + "\n";
}

std::string run_line(const Report& report, std::string_view run)
{
    Object json;
    json.number("schema", 2);
    json.text("run", run);
    json.text("mode", word_of(modes, report.mode));
    json.text_if("because", report.off_because);
    json.number("exit_code", report.exit_code());
    json.number("duration_us", std::max<std::int64_t>(report.duration.count(), 0));
    json.text("log", word_of(levels, report.log));
    return json.object() + "\n";
}

} // namespace

std::string report_lines(const Report& report, std::string_view run)
{
    std::string lines = run_line(report, run);
    for (const Outcome& outcome : report.outcomes)
        lines += outcome_line(outcome, report.mode == BootRequest::Mode::dry_run);
    for (const std::string& warning : report.warnings)
        lines += "{\"warning\":" + json_string(warning) + "}\n";
    for (const std::string& note : report.notes)
        lines += "{\"note\":" + json_string(note) + "}\n";
    return lines;
}

Result<void> write_report(const Root& root, const Report& report)
{
    return root.replace_file(report_path, report_lines(report, "boot"));
}

Result<void> add_to_report(const Root& root, const Report& report, std::string_view run)
{
    return root.append_file(report_path, report_lines(report, run));
}

} // namespace vfio_early
