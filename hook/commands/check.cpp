// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "early/system/efi_variable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/outlook.hpp"
#include "hook/host/policy_text.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

/// Refusals are of this machine, not of the text: warnings.
void print_refusals(const Plan& plan, Console& console)
{
    const std::string word = paint(console.colour_err, Style::yellow, "warning:");
    for (const RefusedFunction& refused : plan.refused)
        console.err << fmt::format("{}: {} {}\n", refused.where.full_text(), word, printable(refusal_text(refused)));
    for (const std::string& warning : plan.warnings)
        console.err << fmt::format("{} {}\n", word, printable(warning));
}

/// Who relies on the trial should know that there is none. A recorded machine does not tell how it was booted.
void print_lack_of_trial(const Policy& policy, const Root& root, Console& console)
{
    if (policy.trial && !policy.binds.empty() && root.live() && !booted_by_efi(root))
        print_notes({"this machine was not booted by EFI: a changed policy is not on trial"}, console);
}

nlohmann::ordered_json check_json(const PolicyText& policy, const Plan* plan)
{
    nlohmann::ordered_json json{{"schema", 1}, {"ok", policy.ok()}};
    json["diagnostics"] = diagnostics_json(policy.parsed.diagnostics);
    json["refused"] = plan != nullptr ? plan_json(*plan)["refused"] : nlohmann::ordered_json(nullptr);
    return json;
}

} // namespace

int run_check(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] [FILE]",
        "Checks the policy, or FILE alone. Errors of the text are printed as compilers do (exit code 2); what this\n"
        "machine would refuse at the next boot is a warning (exit code 1).");
    line.add_profile_option();
    line.add_reading_options();
    line.allow_operands(1);
    line.parse();

    const Host host = line.open_host();
    HostOptions options = line.host_options();
    if (!line.operands().empty())
        options.policy = line.operands().front();
    const PolicyText policy = load_policy(host.root, options.policy);
    print_diagnostics(policy, console);
    if (policy.absent)
        return report_error({.doing = "read", .on = "/etc/vfio-early.conf", .code = ENOENT, .detail = {}}, console);

    std::optional<Plan> plan;
    if (policy.ok()) {
        if (auto outlook = look_ahead(host.root, policy.parsed.policy, {.profiles = line.list("profile")})) {
            print_notes(outlook->notes, console);
            plan = std::move(outlook->plan);
            print_refusals(*plan, console);
            print_lack_of_trial(policy.parsed.policy, host.root, console);
        } else {
            print_notes({"only the text was checked: " + outlook.error().message()}, console);
        }
    }
    if (line.has("json"))
        print_json(check_json(policy, plan ? &*plan : nullptr), console);
    else if (policy.ok())
        console.out << summary_text(policy.parsed.policy, plan ? &*plan : nullptr) << '\n';
    if (!policy.ok())
        return exit_usage;
    return plan && !plan->refused.empty() ? exit_refused : exit_ok;
}

} // namespace vfio_early
