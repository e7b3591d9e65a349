// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/host_facts.hpp"

#include "hook/host/outlook.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/status/boot_report.hpp"
#include "hook/status/status_view.hpp"

#include <array>
#include <fmt/format.h>

namespace vfio_early {

namespace {

using Facts = std::map<std::string, std::string>;

constexpr std::array<std::pair<const char*, const char*>, 3> host_files{{
    {"kernel", "proc/sys/kernel/osrelease"},
    {"firmware", "sys/class/dmi/id/bios_version"},
    {"product", "sys/class/dmi/id/product_name"},
}};

/// The numbers of groups differ from boot to boot; who shares one does not.
std::string group_text(const Machine& machine, const Function& function)
{
    if (!function.group)
        return {};
    std::string text;
    for (const Function& other : machine.functions)
        if (other.group == function.group && other.address != function.address)
            text += (text.empty() ? "with " : ", ") + other.address.text();
    return text.empty() ? "alone" : text;
}

std::string refusal_text(const std::optional<Refusal>& refusal)
{
    return refusal ? fmt::format("refused {}", refusal_word(*refusal)) : "refused";
}

void add_outcomes(const Report& report, std::map<std::string, Facts>& subjects)
{
    for (const Outcome& outcome : report.outcomes)
        subjects[outcome.subject]["outcome"] = outcome.kind == Outcome::Kind::refused
                                                   ? refusal_text(outcome.refusal)
                                                   : std::string(kind_word(outcome.kind));
}

void add_plan(const Plan& plan, std::map<std::string, Facts>& subjects)
{
    for (const PlannedFunction& planned : plan.functions)
        subjects[planned.address.text()]["outcome"] = "to be bound";
    for (const Outcome& outcome : refusals_of(plan))
        subjects[outcome.subject]["outcome"] = refusal_text(outcome.refusal);
}

} // namespace

Result<HostFacts> read_host_facts(const std::string& name, const Root& recording)
{
    const auto outlook = look_ahead(recording, load_policy(recording, {}).effective());
    if (!outlook)
        return std::unexpected(outlook.error());

    HostFacts facts{name, {}};
    for (const auto& [fact, path] : host_files)
        if (auto text = recording.read_line(path))
            facts.subjects["host"][fact] = std::move(*text);
    for (const Function& function : outlook->machine.functions)
        facts.subjects[function.address.text()] = {
            {"id", fmt::format("{} {}", function.ids.id_text(), function.ids.subsystem_text())},
            {"group", group_text(outlook->machine, function)},
            {"driver", function.driver},
        };
    if (const auto report = read_report(recording))
        add_outcomes(*report, facts.subjects);
    else
        add_plan(outlook->plan, facts.subjects);
    return facts;
}

} // namespace vfio_early
