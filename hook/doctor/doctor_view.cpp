// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/doctor_view.hpp"

#include "early/model/printable.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

struct SeverityLook {
    std::string_view word;
    Style style;
};

/// In the order of the enumeration.
constexpr std::array<SeverityLook, 3> looks{{{"error", Style::red}, {"warning", Style::yellow}, {"info", Style::bold}}};

const SeverityLook& look_of(const Finding& finding)
{
    return looks.at(static_cast<std::size_t>(finding.severity));
}

std::size_t count(const std::vector<Finding>& findings, Severity severity)
{
    return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

} // namespace

void print_findings(const std::vector<Finding>& findings, Console& console)
{
    for (const Finding& finding : findings) {
        console.out << paint(console.colour_out, look_of(finding).style, look_of(finding).word)
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
    for (const Finding& finding : findings)
        json["findings"].push_back({{"id", finding.id},
                                    {"severity", look_of(finding).word},
                                    {"summary", finding.summary},
                                    {"evidence", finding.evidence},
                                    {"remedy", finding.remedy}});
    return json;
}

} // namespace vfio_early
