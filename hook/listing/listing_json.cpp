// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/listing.hpp"

#include "early/model/text.hpp"

namespace vfio_early {

namespace {

using Json = nlohmann::ordered_json;

std::string_view kind_word(Verdict::Kind kind)
{
    switch (kind) {
    case Verdict::Kind::bind:
        return "bind";
    case Verdict::Kind::virtual_functions:
        return "virtual-functions";
    case Verdict::Kind::refused:
        break;
    }
    return "refused";
}

Json verdict_json(const Verdict& verdict)
{
    Json json{{"what", kind_word(verdict.kind)}};
    if (!verdict.driver.empty())
        json["driver"] = verdict.driver;
    if (!verdict.refusal.empty())
        json["refusal"] = verdict.refusal;
    if (verdict.kind == Verdict::Kind::virtual_functions)
        json["count"] = verdict.count;
    json["reason"] = verdict.reason;
    if (verdict.where.line != 0)
        json["statement"] = verdict.where.full_text();
    return json;
}

Json or_null(const std::string& text)
{
    return text.empty() ? Json(nullptr) : Json(text);
}

Json function_json(const ListedFunction& listed)
{
    const Function& function = *listed.function;
    Json json{{"address", function.address.text()}, {"path", function.path.text()}};
    json["group"] = function.group ? Json(*function.group) : Json(nullptr);
    json["id"] = function.ids.id_text();
    json["subsystem"] = function.ids.subsystem_text();
    json["class"] = hex_text(function.ids.class_code, 6);
    json["class_name"] = listed.class_name;
    json["name"] = or_null(listed.name);
    json["bridge"] = listed.bridge;
    json["driver"] = or_null(function.driver);
    json["driver_override"] = or_null(function.driver_override);
    json["native_modules"] = listed.modules;
    json["boot_vga"] = function.boot_vga;
    json["policy"] = Json::array();
    for (const Verdict& verdict : listed.verdicts)
        json["policy"].push_back(verdict_json(verdict));
    return json;
}

} // namespace

nlohmann::ordered_json listing_json(const Listing& listing)
{
    Json json{{"schema", 1}, {"iommu", listing.has_iommu}, {"functions", Json::array()}};
    for (const ListedFunction& listed : listing.functions)
        json["functions"].push_back(function_json(listed));
    json["unmatched"] = Json::array();
    for (const RefusedFunction& refused : listing.unmatched) {
        json["unmatched"].push_back({{"subject", refused.subject},
                                     {"refusal", refusal_word(refused.refusal)},
                                     {"reason", refused.detail},
                                     {"statement", refused.where.full_text()}});
    }
    return json;
}

} // namespace vfio_early
