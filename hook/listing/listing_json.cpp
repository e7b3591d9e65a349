// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/listing.hpp"

#include "early/model/text.hpp"
#include "hook/ui/json.hpp"

namespace vfio_early {

namespace {

using Json = nlohmann::ordered_json;

Json function_json(const ListedFunction& listed)
{
    const Function& function = *listed.function;
    Json json{{"address", function.address.text()},
              {"path", function.path.text()},
              {"group", function.group ? Json(*function.group) : Json(nullptr)},
              {"id", function.ids.id_text()},
              {"subsystem", function.ids.subsystem_text()},
              {"class", hex_text(function.ids.class_code, 6)},
              {"class_name", listed.class_name},
              {"name", text_or_null(listed.name)},
              {"bridge", listed.bridge},
              {"driver", text_or_null(function.driver)},
              {"driver_override", text_or_null(function.driver_override)},
              {"native_modules", listed.modules},
              {"boot_vga", function.boot_vga},
              {"policy", Json::array()}};
    for (const Verdict& verdict : listed.verdicts)
        json["policy"].push_back(verdict.json);
    return json;
}

} // namespace

nlohmann::ordered_json listing_json(const Listing& listing)
{
    Json json{{"schema", 1}, {"iommu", listing.has_iommu}, {"functions", Json::array()}};
    for (const ListedFunction& listed : listing.functions)
        json["functions"].push_back(function_json(listed));
    json["unmatched"] = Json::array();
    for (const RefusedFunction& refused : listing.unmatched)
        json["unmatched"].push_back({{"subject", refused.subject},
                                     {"refusal", refusal_word(refused.refusal)},
                                     {"reason", refused.detail},
                                     {"statement", refused.where.full_text()}});
    return json;
}

} // namespace vfio_early
