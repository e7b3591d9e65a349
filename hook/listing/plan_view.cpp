// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/plan_view.hpp"

#include "early/model/report.hpp"
#include "hook/ui/diagnostic_view.hpp"
#include "hook/ui/json.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early {

namespace {

using Json = nlohmann::ordered_json;

Json statement_json(const Location& where)
{
    return where.line != 0 ? Json(where.full_text()) : Json(nullptr);
}

} // namespace

Json plan_json(const Plan& plan)
{
    Json json{{"schema", 1},
              {"functions", Json::array()},
              {"virtual_functions", Json::array()},
              {"refused", Json::array()},
              {"steps", Json::array()}};
    for (const PlannedFunction& planned : plan.functions)
        json["functions"].push_back({{"address", planned.address.text()},
                                     {"id", planned.ids.id_text()},
                                     {"group", planned.group ? Json(*planned.group) : Json(nullptr)},
                                     {"what", "bind"},
                                     {"driver", planned.driver},
                                     {"reason", planned.reason},
                                     {"statement", statement_json(planned.where)}});
    for (const PlannedVfs& planned : plan.virtual_functions)
        json["virtual_functions"].push_back({{"address", planned.address.text()},
                                             {"count", planned.count},
                                             {"driver", planned.driver},
                                             {"statement", statement_json(planned.where)}});
    for (const RefusedFunction& refused : plan.refused)
        json["refused"].push_back({{"subject", refused.subject},
                                   {"address", refused.address ? Json(refused.address->text()) : Json(nullptr)},
                                   {"id", text_or_null(refused.id)},
                                   {"refusal", refusal_word(refused.refusal)},
                                   {"reason", refused.detail},
                                   {"statement", statement_json(refused.where)}});
    for (const Step& step : plan.steps)
        json["steps"].push_back(step.text());
    json["warnings"] = plan.warnings;
    return json;
}

Json diagnostics_json(const std::vector<Diagnostic>& diagnostics)
{
    Json json = Json::array();
    for (const Diagnostic& diagnostic : diagnostics) {
        const bool error = diagnostic.severity == Diagnostic::Severity::error;
        json.push_back({{"severity", error ? "error" : "warning"},
                        {"file", diagnostic.where.file},
                        {"line", diagnostic.where.line},
                        {"column", diagnostic.where.column},
                        {"length", diagnostic.length},
                        {"message", diagnostic.message},
                        {"hint", hint_text(diagnostic)}});
    }
    return json;
}

std::string refusal_text(const RefusedFunction& refused)
{
    return fmt::format("{}{}{} refused: {}{}{}", refused.subject, refused.id.empty() ? "" : " ", refused.id,
                       refusal_word(refused.refusal), refused.detail.empty() ? "" : ": ", refused.detail);
}

std::string summary_text(const Policy& policy, const Plan* plan)
{
    const std::size_t statements = policy.binds.size() + policy.protects.size() + policy.modules.size();
    std::string text = "policy with " + count_text(statements, "statement");
    if (plan == nullptr)
        return text;
    text += fmt::format(": {} will be bound", count_text(plan->functions.size(), "function"));
    unsigned created = 0;
    for (const PlannedVfs& vfs : plan->virtual_functions)
        created += vfs.count;
    if (created != 0)
        text += ", " + vfs_text(created) + " created";
    if (!plan->refused.empty())
        text += fmt::format(", {} refused", plan->refused.size());
    return text;
}

} // namespace vfio_early
