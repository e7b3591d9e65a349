// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/listing.hpp"

#include "early/model/printable.hpp"

#include <fmt/format.h>
#include <map>

namespace vfio_early {

namespace {

using Verdicts = std::map<Address, std::vector<Verdict>>;

Verdicts verdicts_of(const Plan& plan)
{
    Verdicts verdicts;
    for (const PlannedFunction& planned : plan.functions) {
        verdicts[planned.address].push_back({.kind = Verdict::Kind::bind,
                                             .driver = planned.driver,
                                             .reason = planned.reason,
                                             .refusal = {},
                                             .count = 0,
                                             .where = planned.where});
    }
    for (const PlannedVfs& planned : plan.virtual_functions) {
        verdicts[planned.address].push_back({.kind = Verdict::Kind::virtual_functions,
                                             .driver = planned.driver,
                                             .reason = {},
                                             .refusal = {},
                                             .count = planned.count,
                                             .where = planned.where});
    }
    for (const RefusedFunction& refused : plan.refused) {
        if (!refused.address)
            continue;
        verdicts[*refused.address].push_back({.kind = Verdict::Kind::refused,
                                              .driver = {},
                                              .reason = refused.detail,
                                              .refusal = std::string(refusal_word(refused.refusal)),
                                              .count = 0,
                                              .where = refused.where});
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

std::string verdict_text(const Verdict& verdict)
{
    std::string text;
    switch (verdict.kind) {
    case Verdict::Kind::bind:
        text = fmt::format("will be bound to {}: {}", verdict.driver, verdict.reason);
        break;
    case Verdict::Kind::virtual_functions:
        text = fmt::format("{} on it for {}", count_text(verdict.count, "virtual function"), verdict.driver);
        break;
    case Verdict::Kind::refused:
        text = "refused: " + verdict.refusal + (verdict.reason.empty() ? "" : ": ") + verdict.reason;
        break;
    }
    if (verdict.where.line != 0)
        text += " (" + verdict.where.short_text() + ")";
    return printable(text);
}

Style verdict_style(const Verdict& verdict)
{
    return verdict.kind == Verdict::Kind::refused ? Style::yellow : Style::green;
}

} // namespace vfio_early
