// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/inspect_view.hpp"

#include "early/model/printable.hpp"
#include "early/model/report.hpp"
#include "early/model/text.hpp"
#include "hook/ui/json.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> policy_texts{"the one of now", "another than the one of now", "none",
                                                       "one with errors"};

std::string hook_text(const ImageHook& hook)
{
    if (hook.started_by.empty())
        return "none";
    if (hook.before.empty())
        return hook.started_by + ", before all others";
    return hook.started_by + ", after " + join(hook.before, ", ");
}

std::string modules_text(const ImageFacts& facts)
{
    std::vector<std::string> present;
    const auto is_vfio = [](const std::string& name) { return name.starts_with("vfio") || name == "pci_stub"; };
    std::ranges::copy_if(facts.modules, std::back_inserter(present), is_vfio);
    for (const std::string& name : facts.built_in)
        if (is_vfio(name))
            present.push_back(name + " (built in)");
    return present.empty() ? "none of VFIO" : join(present, ", ");
}

void print_winner(const Winner& winner, Console& console)
{
    const std::string native = winner.native.empty()            ? "no other driver for it"
                               : winner.native_in_image.empty() ? join(winner.native, ", ") + " not in the image"
                                                                : join(winner.native_in_image, ", ") + " in the image";
    console.out << fmt::format("  {} {}  ", winner.address.text(), winner.ids.id_text())
                << paint(console.colour_out, winner.ours ? Style::green : Style::red,
                         printable(winner.driver.empty() ? "nobody" : winner.driver))
                << printable(fmt::format(": {} ({})", winner.why, native)) << '\n';
}

std::vector<std::string> problems(const Inspection& inspection)
{
    std::vector<std::string> texts;
    if (inspection.unreadable)
        texts.push_back(inspection.unreadable->message());
    for (const ImageRemark& remark : inspection.verdict.remarks)
        if (remark.problem)
            texts.push_back(remark.text);
    return texts;
}

} // namespace

void print_inspection(const Inspection& inspection, const std::string& remedy, Console& console)
{
    const ImageFacts& facts = inspection.facts;
    console.out << paint(console.colour_out, Style::bold, printable(inspection.path)) << '\n';
    if (!inspection.unreadable) {
        const auto line = [&console](std::string_view name, const std::string& text) {
            console.out << printable(fmt::format("  {:<8} {}", name, text)) << '\n';
        };
        line("image", fmt::format("{}, {}", generator_name(facts.generator), join(facts.parts, ", ")));
        if (!inspection.with.empty())
            line("with", join(inspection.with, ", "));
        line("kernel", inspection.release.empty() ? "not known" : inspection.release);
        line("policy", std::string(policy_texts.at(static_cast<std::size_t>(inspection.verdict.policy))));
        line("hook", hook_text(facts.hook));
        line("modules", modules_text(facts));
        for (const Winner& winner : inspection.verdict.winners)
            print_winner(winner, console);
    } else {
        console.out << "  " << paint(console.colour_out, Style::red, "problem") << ": "
                    << printable(inspection.unreadable->message()) << '\n';
    }
    for (const ImageRemark& remark : inspection.verdict.remarks)
        console.out << "  "
                    << paint(console.colour_out, remark.problem ? Style::red : Style::yellow,
                             remark.problem ? "problem" : "note")
                    << ": " << printable(remark.text) << '\n';
    if (!inspection.good() && !remedy.empty())
        console.out << "  do: " << printable(remedy) << '\n';
}

std::string verdict_line(const Inspection& inspection)
{
    const std::vector<std::string> wrong = problems(inspection);
    const std::string name = inspection.path + (inspection.with.empty() ? "" : " with " + join(inspection.with, ", "));
    if (!wrong.empty())
        return fmt::format("{}: {}: {}", name, count_text(wrong.size(), "problem"), join(wrong, "; "));
    if (inspection.facts.overlay)
        return name + ": an overlay with the policy of now; what it does is known only with an image";
    if (!inspection.verdict.machine_seen)
        return name + ": good: the policy of now, and vfio-early first; the machine cannot be seen from here";
    std::size_t bound = 0;
    unsigned created = 0;
    for (const Winner& winner : inspection.verdict.winners) {
        created += winner.vfs;
        if (winner.ours && winner.vfs == 0 && !winner.driver.empty())
            ++bound;
    }
    return fmt::format("{}: good: {} will be bound by vfio-early{}", name, count_text(bound, "function"),
                       created == 0 ? "" : ", and " + vfs_text(created) + " created");
}

Json inspection_json(const Inspection& inspection)
{
    const ImageFacts& facts = inspection.facts;
    const ImageVerdict& verdict = inspection.verdict;
    Json json{{"image", inspection.path},
              {"with", inspection.with},
              {"good", inspection.good()},
              {"kernel", text_or_null(inspection.release)},
              {"unreadable", inspection.unreadable ? Json(inspection.unreadable->message()) : Json(nullptr)}};
    if (inspection.unreadable)
        return json;
    json["generator"] = facts.generator == Generator::unknown ? Json(nullptr) : Json(generator_name(facts.generator));
    json["parts"] = facts.parts;
    json["policy"] = policy_state_word(verdict.policy);
    json["hook"] = {
        {"program", facts.hook.program}, {"place", text_or_null(facts.hook.started_by)}, {"before", facts.hook.before}};
    json["functions"] = Json::array();
    for (const Winner& winner : verdict.winners)
        json["functions"].push_back({{"address", winner.address.text()},
                                     {"id", winner.ids.id_text()},
                                     {"driver", text_or_null(winner.driver)},
                                     {"as_wanted", winner.ours},
                                     {"virtual_functions", winner.vfs},
                                     {"why", winner.why},
                                     {"native_modules", winner.native},
                                     {"native_in_image", winner.native_in_image}});
    json["remarks"] = Json::array();
    for (const ImageRemark& remark : verdict.remarks)
        json["remarks"].push_back({{"id", remark.id}, {"problem", remark.problem}, {"text", remark.text}});
    return json;
}

} // namespace vfio_early
