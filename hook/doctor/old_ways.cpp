// SPDX-License-Identifier: GPL-2.0-or-later
// What other ways of binding have left behind.
#include "hook/doctor/checks.hpp"

#include "early/model/matcher.hpp"
#include "early/model/text.hpp"
#include "hook/import/module_words.hpp"

#include <algorithm>

namespace vfio_early::checks {

namespace {

/// Blanks before the evidence of one line are not wanted: "/etc/modprobe.d/vfio.conf:1: options vfio_pci ids=..."
std::string evidence_of(const SourceLine& line)
{
    return line.place() + ": " + line.text;
}

/// The native modules of a function that nothing makes wait, and nothing keeps away.
std::vector<std::string> unwaiting_modules(const Case& the_case, const Matcher& matcher, const Function& function)
{
    std::vector<std::string> modules = matcher.native_modules(function).names;
    const auto waits = [&](const std::string& module) {
        return std::ranges::any_of(
                   the_case.modules_early,
                   [&](const EarlyLoader& loader) { return loader.module.empty() || loader.module == module; }) ||
               std::ranges::any_of(the_case.imported.lines, [&](const SourceLine& line) {
                   return std::ranges::find(line.kept_away, module) != line.kept_away.end();
               });
    };
    std::erase_if(modules, waits);
    return modules;
}

/// The functions that an ids= option is for and does not get, and that the policy does not take either. Who drives them
/// now has the last word: on some systems the module is early enough by means that are not known here.
std::vector<const Function*> missed_functions(const Case& the_case, const SourceLine& line)
{
    std::vector<const Function*> missed;
    if (!line.text.starts_with("options ") || line.wishes.empty())
        return missed;
    const Matcher matcher(the_case.machine(), *the_case.outlook.modules);
    for (const Function& function : the_case.machine().functions) {
        const bool wanted = std::ranges::any_of(
            line.wishes, [&](const Wish& wish) { return matcher.matches(wish.selector, function); });
        if (wanted && !the_case.takes(function.address) && !takes_functions(normal_module_name(function.driver)) &&
            (the_case.modules_early.empty() || !unwaiting_modules(the_case, matcher, function).empty()))
            missed.push_back(&function);
    }
    return missed;
}

bool is_deletable(const SourceLine& line)
{
    return line.fate == LineFate::remove;
}

std::string import_step(const Case& the_case)
{
    return the_case.imported.blocks.empty() ? "" : "vfio-earlyctl import --write";
}

} // namespace

Findings ids_without_early_loading(const Case& the_case)
{
    Findings findings;
    const Matcher matcher(the_case.machine(), *the_case.outlook.modules);
    for (const SourceLine& line : the_case.imported.lines) {
        const std::vector<const Function*> missed = missed_functions(the_case, line);
        if (missed.empty())
            continue;
        const bool partly = !the_case.modules_early.empty();
        Finding finding{.id = "ids-without-early-loading",
                        .severity = Severity::error,
                        .summary = partly
                                       ? "The ids= option comes too late: a native driver does not wait for the module"
                                       : "The ids= option never takes effect: nothing loads the module before the "
                                         "native drivers",
                        .evidence = {evidence_of(line)},
                        .remedy = {}};
        if (!partly)
            finding.evidence.emplace_back(
                "no softdep, no alias, no module of the image and no rd.driver.pre= makes it load early");
        for (const Function* function : missed) {
            std::string text = function->address.text() +
                               (function->driver.empty() ? " has no driver" : " is driven by " + function->driver);
            if (partly)
                text += ", and nothing makes this wait: " + join(unwaiting_modules(the_case, matcher, *function), ", ");
            finding.evidence.push_back(std::move(text));
        }
        if (const std::string step = import_step(the_case); !step.empty())
            finding.remedy.push_back(step);
        finding.remedy.push_back("Then delete the line in " + line.file +
                                 ": vfio-early binds the functions by itself.");
        findings.push_back(std::move(finding));
    }
    return findings;
}

Findings needless_blacklists(const Case& the_case)
{
    Findings findings;
    for (const SourceLine& line : the_case.imported.lines) {
        if (line.kept_away.empty() || !is_deletable(line))
            continue;
        findings.push_back({.id = "blacklist-unnecessary",
                            .severity = Severity::info,
                            .summary = "\"" + line.text + "\" is not needed with vfio-early: " + line.why,
                            .evidence = {evidence_of(line)},
                            .remedy = {"Delete the line in " + line.file + " once the policy takes the functions."}});
    }
    return findings;
}

Findings leftover_lines(const Case& the_case)
{
    Finding finding{.id = "leftover-lines",
                    .severity = Severity::info,
                    .summary = "Lines of another way of binding are no longer needed",
                    .evidence = {},
                    .remedy = {"vfio-earlyctl import tells for each why it may be deleted."}};
    for (const SourceLine& line : the_case.imported.lines) {
        const bool told = !line.kept_away.empty() || !missed_functions(the_case, line).empty();
        if (is_deletable(line) && !told)
            finding.evidence.push_back(evidence_of(line));
    }
    if (finding.evidence.empty())
        return {};
    if (const std::string step = import_step(the_case); !step.empty())
        finding.remedy.insert(finding.remedy.begin(), step);
    return {finding};
}

Findings lines_not_understood(const Case& the_case)
{
    Findings findings;
    for (const SourceLine& line : the_case.imported.lines) {
        if (line.fate != LineFate::not_understood)
            continue;
        findings.push_back({.id = "line-not-understood",
                            .severity = Severity::warning,
                            .summary = "A line about binding is not understood: " + line.why,
                            .evidence = {evidence_of(line)},
                            .remedy = {"Look at it; what it binds may be named with vfio-earlyctl add."}});
    }
    return findings;
}

Findings unreadable_files(const Case& the_case)
{
    if (the_case.unreadable.empty())
        return {};
    return {{.id = "unreadable-files",
             .severity = Severity::warning,
             .summary = "Files cannot be read, and what they bind is not known: other findings may be wrong",
             .evidence = the_case.unreadable,
             .remedy = {"sudo vfio-earlyctl doctor"}}};
}

Findings leftover_hooks(const Case& the_case)
{
    Findings findings;
    for (const HookFile& hook : the_case.hooks) {
        // Where vfio-early is in no image, what binds now is all there is.
        if (hook.kind == FileKind::image_settings && !the_case.other_image_tool.empty())
            continue;
        Finding finding{
            .id = "leftover-hook",
            .severity = Severity::warning,
            .summary = "A script or setting of your own binds functions too, and may do it otherwise than the policy",
            .evidence = {hook.path + ":" + std::to_string(hook.number) + ": " + hook.line},
            .remedy = {}};
        std::string missing;
        for (const Address& address : hook.addresses)
            if (the_case.machine().find(address) != nullptr && !the_case.takes(address))
                missing += " " + address.text();
        if (!missing.empty())
            finding.remedy.push_back("It names functions that the policy does not take: vfio-earlyctl add" + missing);
        finding.remedy.push_back(hook.kind == FileKind::image_settings
                                     ? "Take the modules of VFIO out of that line of " + hook.path + "."
                                 : hook.kind == FileKind::start_script ? "Take that out of " + hook.path + "."
                                                                       : "Remove " + hook.path + ".");
        const std::string command = image_command(the_case.image_tool);
        if (!command.empty() && hook.kind != FileKind::start_script && hook.kind != FileKind::unit)
            finding.remedy.push_back(command);
        findings.push_back(std::move(finding));
    }
    return findings;
}

} // namespace vfio_early::checks
