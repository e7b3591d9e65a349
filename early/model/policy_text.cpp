// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy.hpp"
#include "early/model/policy_words.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <functional>

namespace vfio_early {

namespace {

/// `value` as a policy line holds it: in quotes where it would otherwise end early or not be what it is.
std::string value_text(std::string_view value)
{
    if (value.find_first_of(" \t\"") == std::string_view::npos)
        return std::string(value);
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\')
            text += '\\';
        text += c;
    }
    return text + '"';
}

void add(std::string& line, std::string_view key, std::string_view value)
{
    line += ' ' + std::string(key) + '=' + value_text(value);
}

/// What `text_of` says of each, parted by commas.
std::string list_text(const auto& items, const auto& text_of)
{
    std::vector<std::string> texts;
    for (const auto& item : items)
        texts.emplace_back(std::invoke(text_of, item));
    return join(texts, ",");
}

void add_list(std::string& line, std::string_view key, const auto& items, const auto& text_of)
{
    if (!items.empty())
        add(line, key, list_text(items, text_of));
}

std::string class_text(const ClassPattern& pattern)
{
    const auto& names = class_names();
    const auto named = std::ranges::find(names, pattern, &ClassName::pattern);
    if (named != names.end())
        return std::string(named->name);
    return pattern.digits();
}

std::string guards_text(const RefusalSet& allowed)
{
    std::vector<std::string> guards;
    for (const std::string_view guard : allowable_guards())
        if (allowed.contains(*parse_refusal(guard)))
            guards.emplace_back(guard);
    return join(guards, ",");
}

void add_selector(std::string& line, const Selector& selector)
{
    if (selector.address)
        line += ' ' + selector.address->text;
    if (selector.path)
        add(line, "path", selector.path->text);
    add_list(line, "id", selector.ids, &IdPattern::text);
    add_list(line, "subsystem", selector.subsystems, &IdPattern::text);
    add_list(line, "class", selector.classes, class_text);
    if (selector.modalias)
        add(line, "modalias", *selector.modalias);
    if (selector.serial)
        add(line, "serial", serial_text(*selector.serial));
    if (selector.native)
        add(line, "native", *selector.native);
}

} // namespace

std::string DeviceSetting::text() const
{
    switch (kind) {
    case Kind::reset: {
        std::string methods = value;
        std::ranges::replace(methods, ' ', ',');
        return "reset=" + methods;
    }
    case Kind::d3cold:
        return "d3cold=" + value;
    case Kind::power:
        return "power=" + value;
    case Kind::rebar:
        break;
    }
    return "rebar" + std::to_string(bar) + '=' + value;
}

std::string ids_text(const Selector& selector)
{
    return list_text(selector.ids, &IdPattern::text);
}

std::string selector_text(const Selector& selector)
{
    std::string line;
    add_selector(line, selector);
    return line.substr(std::min<std::size_t>(line.size(), 1)); // the blank that parts it from a statement's word
}

std::string to_text(const BindStatement& statement)
{
    std::string line = "bind";
    add_selector(line, statement.selector);
    if (statement.all)
        line += " all";
    if (statement.with != Scope::companions)
        add(line, "with", policy_words::scopes.at(static_cast<std::size_t>(statement.with)));
    if (statement.driver != "auto")
        add(line, "driver", statement.driver);
    if (statement.on_failure != OnFailure::release)
        add(line, "on-failure", policy_words::failures.at(static_cast<std::size_t>(statement.on_failure)));
    if (!statement.allow.empty())
        add(line, "allow", guards_text(statement.allow));
    if (statement.vfs)
        add(line, "vfs", std::to_string(*statement.vfs));
    for (const DeviceSetting& setting : statement.settings)
        line += ' ' + setting.text();
    return line;
}

std::string to_text(const ProtectStatement& statement)
{
    std::string line = statement.root ? "root" : "protect";
    add_selector(line, statement.selector);
    if (statement.guard != Refusal::policy)
        add(line, "guard", refusal_word(statement.guard));
    if (!statement.because.empty())
        add(line, "because", statement.because);
    return line;
}

std::string to_text(const SystemFacts& facts)
{
    std::string text = "image root=known\n";
    if (!facts.root_unknown.empty()) {
        text = "image root=unknown";
        add(text, "because", facts.root_unknown);
        text += '\n';
    }
    for (const SystemFacts::Native& native : facts.natives)
        text += "native modalias=" + native.modalias +
                " module=" + (native.modules.empty() ? "none" : join(native.modules, ",")) + "\n";
    return text;
}

} // namespace vfio_early
