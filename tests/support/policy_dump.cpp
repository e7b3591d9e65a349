// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/policy_dump.hpp"

#include "early/model/text.hpp"
#include "hook/ui/diagnostic_view.hpp"

#include <array>

namespace vfio_early::test {

namespace {

std::string sizes(const AddressPattern& pattern)
{
    return std::to_string(pattern.buses.count()) + " x " + std::to_string(pattern.devices.count()) + " x " +
           std::to_string(pattern.functions.count());
}

void add(std::string& text, const std::string& key, const std::string& value)
{
    text += "    " + key + ": " + value + '\n';
}

void add_ids(std::string& text, const std::string& key, const std::vector<IdPattern>& ids)
{
    for (const IdPattern& id : ids)
        add(text, key, id.text());
}

void add_selector(std::string& text, const Selector& selector)
{
    if (const auto& address = selector.address) {
        const std::string domain = address->domain ? hex_text(*address->domain, 4) : "any";
        add(text, "address", address->text + " (domain " + domain + ", " + sizes(*address) + ")");
    }
    if (const auto& path = selector.path) {
        std::string hops = path->text + " (root " + sizes(path->root);
        for (const auto& hop : path->hops)
            hops += ", " + std::to_string(hop.devices.count()) + " x " + std::to_string(hop.functions.count());
        add(text, "path", hops + ")");
    }
    add_ids(text, "id", selector.ids);
    add_ids(text, "subsystem", selector.subsystems);
    for (const ClassPattern& pattern : selector.classes)
        add(text, "class", hex_text(pattern.value, 6) + " of " + hex_text(pattern.mask, 6));
    if (selector.modalias)
        add(text, "modalias", *selector.modalias);
    if (selector.serial)
        add(text, "serial", serial_text(*selector.serial));
    if (selector.native)
        add(text, "native", *selector.native);
}

void add_setting(std::string& text, const DeviceSetting& setting)
{
    if (setting.kind == DeviceSetting::Kind::rebar)
        add(text, "BAR " + std::to_string(setting.bar), std::to_string(setting.bytes) + " bytes");
    else
        add(text, "setting", setting.text() + " ('" + setting.value + "')");
}

/// "bind at 3:1 in [gaming]"
std::string heading(const std::string& word, const Location& where, const std::string& profile)
{
    return word + " at " + std::to_string(where.line) + ':' + std::to_string(where.column) +
           (profile.empty() ? "" : " in [" + profile + ']') + '\n';
}

} // namespace

std::string dump(const BindStatement& statement)
{
    std::string text;
    add_selector(text, statement.selector);
    if (statement.all)
        add(text, "all", "yes");
    switch (statement.with) {
    case Scope::function:
        add(text, "with", "nothing else");
        break;
    case Scope::companions:
        break;
    case Scope::slot:
        add(text, "with", "the whole slot");
        break;
    case Scope::group:
        add(text, "with", "the whole group");
        break;
    }
    if (statement.driver != "auto")
        add(text, "driver", statement.driver);
    if (statement.on_failure == OnFailure::hold)
        add(text, "on failure", "hold");
    for (const std::string_view guard : allowable_guards())
        if (statement.allow.contains(*parse_refusal(guard)))
            add(text, "allowed", std::string(guard));
    if (statement.vfs)
        add(text, "virtual functions", std::to_string(*statement.vfs));
    for (const DeviceSetting& setting : statement.settings)
        add_setting(text, setting);
    return text;
}

std::string dump(const ProtectStatement& statement)
{
    std::string text;
    add_selector(text, statement.selector);
    add(text, "guard", std::string(refusal_word(statement.guard)));
    if (!statement.because.empty())
        add(text, "because", statement.because);
    return text;
}

std::string dump(const Policy& policy)
{
    constexpr std::array levels{"quiet", "normal", "debug"};
    std::string text;
    for (const BindStatement& bind : policy.binds)
        text += heading("bind", bind.where, bind.profile) + dump(bind);
    for (const ProtectStatement& protect : policy.protects)
        text += heading("protect", protect.where, protect.profile) + dump(protect);
    for (const ModuleSetting& setting : policy.modules) {
        text += heading("module", setting.where, setting.profile);
        add(text, setting.module, setting.options);
    }
    if (!policy.profiles.empty())
        text += "profiles: " + join(policy.profiles, ", ") + '\n';
    text += "timeout " + std::to_string(policy.timeout.count()) + " ms, trial " +
            (policy.trial ? std::to_string(*policy.trial) : "off") + ", log " +
            levels.at(static_cast<std::size_t>(policy.log)) + '\n';
    return text;
}

std::string render_all(const ParsedPolicy& parsed)
{
    std::string text;
    for (const Diagnostic& diagnostic : parsed.diagnostics)
        text += render(diagnostic);
    if (parsed.suppressed != 0)
        text += "and " + std::to_string(parsed.suppressed) + " more errors\n";
    return text;
}

} // namespace vfio_early::test
