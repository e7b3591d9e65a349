// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/listing.hpp"

#include "early/model/printable.hpp"

#include <fmt/format.h>
#include <map>

namespace vfio_early {

namespace {

using Json = nlohmann::ordered_json;
using Verdicts = std::map<Address, std::vector<Verdict>>;

/// Adds the statement to both forms.
Verdict verdict_of(bool refused, std::string text, Json json, const Location& where)
{
    if (where.line != 0) {
        text += " (" + where.short_text() + ")";
        json["statement"] = where.full_text();
    }
    return {.refused = refused, .text = printable(text), .json = std::move(json)};
}

Verdicts verdicts_of(const Plan& plan)
{
    Verdicts verdicts;
    for (const PlannedFunction& planned : plan.functions)
        verdicts[planned.address].push_back(
            verdict_of(false, fmt::format("will be bound to {}: {}", planned.driver, planned.reason),
                       {{"what", "bind"}, {"driver", planned.driver}, {"reason", planned.reason}}, planned.where));
    for (const PlannedVfs& planned : plan.virtual_functions)
        verdicts[planned.address].push_back(verdict_of(
            false, fmt::format("{} on it for {}", count_text(planned.count, "virtual function"), planned.driver),
            {{"what", "virtual-functions"}, {"driver", planned.driver}, {"count", planned.count}, {"reason", ""}},
            planned.where));
    for (const RefusedFunction& refused : plan.refused) {
        const std::string word(refusal_word(refused.refusal));
        if (refused.address)
            verdicts[*refused.address].push_back(
                verdict_of(true, "refused: " + word + (refused.detail.empty() ? "" : ": ") + refused.detail,
                           {{"what", "refused"}, {"refusal", word}, {"reason", refused.detail}}, refused.where));
    }
    return verdicts;
}

} // namespace

Listing make_listing(const Outlook& outlook, const PciNames& names)
{
    Listing listing;
    listing.planned = outlook.plan.functions.size();
    listing.refused = outlook.plan.refused.size();
    listing.has_iommu = outlook.machine.has_iommu();
    Verdicts verdicts = verdicts_of(outlook.plan);
    for (const Function& function : outlook.machine.functions) {
        ListedFunction listed;
        listed.function = &function;
        listed.bridge = is_bridge(function.ids, function.header_type);
        listed.class_name = names.class_name(function.ids);
        listed.name = names.full(function.ids);
        listed.modules = outlook.modules->modules_for(function.ids.modalias());
        if (const auto found = verdicts.find(function.address); found != verdicts.end())
            listed.verdicts = std::move(found->second);
        listing.functions.push_back(std::move(listed));
    }
    for (const RefusedFunction& refused : outlook.plan.refused)
        if (!refused.address || outlook.machine.find(*refused.address) == nullptr)
            listing.unmatched.push_back(refused);
    return listing;
}

std::string painted(const Verdict& verdict, const Console& console)
{
    return paint(console.colour_out, verdict.refused ? Style::yellow : Style::green, verdict.text);
}

} // namespace vfio_early
