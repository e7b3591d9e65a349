// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/doctor_view.hpp"

#include "early/model/printable.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

std::string_view severity_word(Severity severity)
{
    switch (severity) {
    case Severity::error:
        return "error";
    case Severity::warning:
        return "warning";
    case Severity::info:
        break;
    }
    return "info";
}

Style severity_style(Severity severity)
{
    switch (severity) {
    case Severity::error:
        return Style::red;
    case Severity::warning:
        return Style::yellow;
    case Severity::info:
        break;
    }
    return Style::bold;
}

std::size_t count(const std::vector<Finding>& findings, Severity severity)
{
    return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

} // namespace

void print_findings(const std::vector<Finding>& findings, Console& console)
{
    for (const Finding& finding : findings) {
        console.out << paint(console.colour_out, severity_style(finding.severity), severity_word(finding.severity))
                    << printable(fmt::format(" [{}] {}", finding.id, finding.summary)) << '\n';
        for (const std::string& evidence : finding.evidence)
            console.out << "    seen: " << printable(evidence) << '\n';
        for (const std::string& remedy : finding.remedy)
            console.out << "    do:   " << printable(remedy) << '\n';
        console.out << '\n';
    }
    console.out << fmt::format(
        "{}, {}, {} for your information.\n", count_text(count(findings, Severity::error), "error"),
        count_text(count(findings, Severity::warning), "warning"), count(findings, Severity::info));
}

nlohmann::ordered_json findings_json(const std::vector<Finding>& findings)
{
    using Json = nlohmann::ordered_json;
    Json json{{"schema", 1}, {"findings", Json::array()}};
    for (const Finding& finding : findings) {
        json["findings"].push_back({{"id", finding.id},
                                    {"severity", severity_word(finding.severity)},
                                    {"summary", finding.summary},
                                    {"evidence", finding.evidence},
                                    {"remedy", finding.remedy}});
    }
    return json;
}

} // namespace vfio_early
