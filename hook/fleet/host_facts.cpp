// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/host_facts.hpp"

#include "early/machine/scan.hpp"
#include "early/tell/report_lines.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/status/boot_report.hpp"

#include <array>
#include <cerrno>
#include <fmt/format.h>

namespace vfio_early {

namespace {

using namespace report_words;

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

std::string outcome_text(const Outcome& outcome)
{
    return std::string(word_of(kinds, outcome.kind)) +
           (outcome.refusal ? " " + std::string(refusal_word(*outcome.refusal)) : "");
}

/// What the boot did: with each function, also where that is nothing.
void add_outcomes(const Report& report, HostFacts& facts)
{
    facts.subjects["host"]["boot"] = word_of(modes, report.mode);
    for (auto& [subject, of_it] : facts.subjects)
        if (subject != "host")
            of_it["outcome"] = "";
    for (const Outcome& outcome : report.outcomes)
        if (const auto function = facts.subjects.find(outcome.subject); function != facts.subjects.end())
            function->second["outcome"] = outcome_text(outcome);
        else
            facts.subjects["host"]["statement " + outcome.subject] = outcome_text(outcome);
}

} // namespace

Result<HostFacts> read_host_facts(const std::string& name, const Root& recording)
{
    const auto machine = scan_pci(recording);
    if (!machine)
        return std::unexpected(machine.error());
    const auto report = read_report(recording);
    if (!report && report.error().code != ENOENT)
        return std::unexpected(report.error());

    HostFacts facts{name, {}};
    for (const auto& [fact, path] : host_files)
        if (auto text = recording.read_line(path))
            facts.subjects["host"][fact] = std::move(*text);
    for (const Function& function : machine->functions)
        facts.subjects[function.address.text()] = {
            {"id", fmt::format("{} {}", function.ids.id_text(), function.ids.subsystem_text())},
            {"group", group_text(*machine, function)},
            {"driver", function.driver},
        };
    const PolicyText policy = load_policy(recording, {});
    facts.subjects["host"]["policy"] = !policy.ok() ? "has errors" : policy.absent ? "absent" : "good";
    if (report)
        add_outcomes(*report, facts);
    else
        facts.subjects["host"]["boot"] = "no report";
    return facts;
}

} // namespace vfio_early
