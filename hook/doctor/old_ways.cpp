// SPDX-License-Identifier: GPL-2.0-or-later
// What other ways of binding have left behind.
#include "hook/doctor/checks.hpp"

#include "early/model/matcher.hpp"
#include "early/model/text.hpp"
#include "hook/import/module_words.hpp"

#include <algorithm>

namespace vfio_early::checks {

namespace {

/// "/etc/modprobe.d/vfio.conf:1: options vfio_pci ids=..."
std::string evidence_of(const SourceLine& line)
{
    return line.location() + ": " + line.text;
}

/// The native modules of a function that neither wait for vfio-pci nor are kept from loading.
std::vector<std::string> unwaiting_modules(const Survey& survey, const Matcher& matcher, const Function& function)
{
    std::vector<std::string> modules = matcher.native_modules(function).names;
    const auto waits = [&](const std::string& module) {
        return std::ranges::any_of(
                   survey.modules_early,
                   [&](const EarlyLoader& loader) { return loader.module.empty() || loader.module == module; }) ||
               std::ranges::any_of(survey.imported.lines, [&](const SourceLine& line) {
                   return std::ranges::find(line.blocked_modules, module) != line.blocked_modules.end();
               });
    };
    std::erase_if(modules, waits);
    return modules;
}

/// The functions that an ids= option names but does not bind, and that the policy does not bind either. One that
/// vfio-pci drives now is not among them: on some systems the module loads early for reasons that are not known here.
std::vector<const Function*> missed_functions(const Survey& survey, const SourceLine& line)
{
    std::vector<const Function*> missed;
    if (!line.text.starts_with("options ") || line.wishes.empty())
        return missed;
    const Matcher matcher(survey.machine(), *survey.outlook.modules);
    for (const Function& function : survey.machine().functions) {
        const bool wanted = std::ranges::any_of(
            line.wishes, [&](const Wish& wish) { return matcher.matches(wish.selector, function); });
        if (wanted && !survey.takes(function.address) && !takes_functions(normal_module_name(function.driver)) &&
            (survey.modules_early.empty() || !unwaiting_modules(survey, matcher, function).empty()))
            missed.push_back(&function);
    }
    return missed;
}

std::string import_step(const Survey& survey)
{
    return survey.imported.blocks.empty() ? "" : "vfio-earlyctl import --write";
}

} // namespace

Findings ids_without_early_loading(const Survey& survey)
{
    Findings findings;
    const Matcher matcher(survey.machine(), *survey.outlook.modules);
    for (const SourceLine& line : survey.imported.lines) {
        const std::vector<const Function*> missed = missed_functions(survey, line);
        if (missed.empty())
            continue;
        const bool partly = !survey.modules_early.empty();
        Finding finding{.id = "ids-without-early-loading",
                        .severity = Severity::error,
                        .summary = partly
                                       ? "The ids= option comes too late: a native driver does not wait for the module"
                                       : "The ids= option never takes effect: nothing loads the module before the "
                                         "native drivers",
                        .evidence = {evidence_of(line)}};
        if (!partly)
            finding.evidence.emplace_back(
                "no softdep, no alias, no module of the image and no rd.driver.pre= makes it load early");
        for (const Function* function : missed) {
            std::string text = function->address.text() +
                               (function->driver.empty() ? " has no driver" : " is driven by " + function->driver);
            if (partly)
                text += ", and nothing makes this wait: " + join(unwaiting_modules(survey, matcher, *function), ", ");
            finding.evidence.push_back(std::move(text));
        }
        if (const std::string step = import_step(survey); !step.empty())
            finding.remedy.push_back(step);
        finding.remedy.push_back("Then delete the line in " + line.file +
                                 ": vfio-early binds the functions by itself.");
        findings.push_back(std::move(finding));
    }
    return findings;
}

Findings needless_blacklists(const Survey& survey)
{
    Findings findings;
    for (const SourceLine& line : survey.imported.lines) {
        if (line.blocked_modules.empty() || line.fate != LineFate::remove)
            continue;
        const bool is_word = line.text.find("blacklist=") != line.text.npos; // of a kernel command line: the rest stays
        findings.push_back({.id = "blacklist-unnecessary",
                            .severity = Severity::info,
                            .summary = "\"" + line.text + "\" is not needed with vfio-early: " + line.why,
                            .evidence = {evidence_of(line)},
                            .remedy = {(is_word ? "Take the word off the kernel command line (" + line.file + ")"
                                                : "Delete the line in " + line.file) +
                                       " once the policy takes the functions."}});
    }
    return findings;
}

Findings leftover_lines(const Survey& survey)
{
    Finding finding{.id = "leftover-lines",
                    .severity = Severity::info,
                    .summary = "Lines of another way of binding are no longer needed",
                    .remedy = {"vfio-earlyctl import tells for each why it may be deleted."}};
    for (const SourceLine& line : survey.imported.lines) {
        const bool told = !line.blocked_modules.empty() || !missed_functions(survey, line).empty();
        if (line.fate == LineFate::remove && !told)
            finding.evidence.push_back(evidence_of(line));
    }
    if (finding.evidence.empty())
        return {};
    if (const std::string step = import_step(survey); !step.empty())
        finding.remedy.insert(finding.remedy.begin(), step);
    return {finding};
}

Findings lines_not_understood(const Survey& survey)
{
    Findings findings;
    for (const SourceLine& line : survey.imported.lines) {
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

Findings unreadable_files(const Survey& survey)
{
    if (survey.unreadable.empty())
        return {};
    return {{.id = "unreadable-files",
             .severity = Severity::warning,
             .summary = "Files cannot be read, and what they bind is not known: other findings may be wrong",
             .evidence = survey.unreadable,
             .remedy = {"sudo vfio-earlyctl doctor"}}};
}

Findings leftover_hooks(const Survey& survey)
{
    Findings findings;
    for (const HookFile& hook : survey.hooks) {
        // Where vfio-early is in no image, nothing else binds the functions.
        if (hook.kind == FileKind::image_settings && !survey.other_image_tool.empty())
            continue;
        Finding finding{
            .id = "leftover-hook",
            .severity = Severity::warning,
            .summary = "A script or setting of your own binds functions too, and may do it otherwise than the policy",
            .evidence = {hook.path + ":" + std::to_string(hook.number) + ": " + hook.line}};
        std::string missing;
        for (const Address& address : hook.addresses)
            if (survey.machine().find(address) != nullptr && !survey.takes(address))
                missing += " " + address.text();
        if (!missing.empty())
            finding.remedy.push_back("It names functions that the policy does not take: vfio-earlyctl add" + missing);
        finding.remedy.push_back(hook.kind == FileKind::image_settings
                                     ? "Take the modules of VFIO out of that line of " + hook.path + "."
                                 : hook.kind == FileKind::start_script ? "Take that out of " + hook.path + "."
                                                                       : "Remove " + hook.path + ".");
        const std::string command = image_command(survey.image_tool);
        if (!command.empty() && hook.kind != FileKind::start_script && hook.kind != FileKind::unit)
            finding.remedy.push_back(command);
        findings.push_back(std::move(finding));
    }
    return findings;
}

} // namespace vfio_early::checks
