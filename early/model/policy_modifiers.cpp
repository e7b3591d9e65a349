// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_modifiers.hpp"

#include "early/model/policy_settings.hpp"
#include "early/model/policy_values.hpp"
#include "early/model/policy_words.hpp"

namespace vfio_early {

namespace {

constexpr std::uint32_t most_vfs = 256;

void read_with(const Value& value, BindStatement& statement, Problems& problems)
{
    if (const auto scope = read_word(value.text, value.where, policy_words::scopes, "something to bind with", problems))
        statement.with = static_cast<Scope>(*scope);
}

void read_driver(const Value& value, BindStatement& statement, Problems& problems)
{
    const auto name = read_module_name(value.text, value.where, problems);
    if (!name)
        return;
    statement.driver = *name;
    // driver_override is compared with the name of the driver, which is not always that of its module.
    for (const std::string_view driver : {"vfio-pci", "pci-stub"})
        if (normal_module_name(*name) == normal_module_name(driver))
            statement.driver = driver;
}

void read_on_failure(const Value& value, BindStatement& statement, Problems& problems)
{
    constexpr std::string_view what = "what can become of a function that was not bound";
    if (const auto word = read_word(value.text, value.where, policy_words::failures, what, problems))
        statement.on_failure = static_cast<OnFailure>(*word);
}

void read_allow(const Value& value, BindStatement& statement, Problems& problems)
{
    for (const ListEntry& entry : list_entries(value, problems)) {
        if (entry.text == refusal_word(Refusal::bridge)) {
            problems.error(entry.where, "a bridge is never bound",
                           "leave it out: bridges stay with pcieport, and the functions behind them can be bound");
            continue;
        }
        if (!read_word(entry.text, entry.where, allowable_guards(), "a guard", problems))
            continue;
        const Refusal guard = *parse_refusal(entry.text);
        if (statement.allow.contains(guard))
            problems.warning(entry.where, quoted(entry.text) + " stands in the list twice");
        statement.allow.insert(guard);
    }
}

void read_vfs(const Value& value, BindStatement& statement, Problems& problems)
{
    const auto count = parse_decimal(value.text);
    if (count && *count >= 1 && *count <= most_vfs)
        statement.vfs = *count;
    else
        problems.error(value.where, quoted(value.text) + " is not a number of virtual functions", "1 to 256");
}

using Reader = void (*)(const Value&, BindStatement&, Problems&);

void read_any_setting(const Value& value, BindStatement& statement, Problems& problems)
{
    if (auto setting = read_device_setting(value, problems))
        statement.settings.push_back(std::move(*setting));
}

Reader reader_of(std::string_view key)
{
    if (key == "with")
        return read_with;
    if (key == "driver")
        return read_driver;
    if (key == "on-failure")
        return read_on_failure;
    if (key == "allow")
        return read_allow;
    if (key == "vfs")
        return read_vfs;
    return std::ranges::find(policy_words::modifiers, key) == policy_words::modifiers.end() ? nullptr
                                                                                            : read_any_setting;
}

} // namespace

bool read_modifier(const Value& value, BindStatement& statement, Problems& problems)
{
    const Reader reader = reader_of(value.key);
    if (reader != nullptr)
        reader(value, statement, problems);
    return reader != nullptr;
}

bool read_protection(const Value& value, ProtectStatement& statement, Problems& problems)
{
    if (value.key == "because") {
        statement.because = value.text;
        return true;
    }
    if (value.key != "guard")
        return false;
    if (value.text == refusal_word(Refusal::bridge))
        problems.error(value.where, "bridges need no protection", "leave the statement out: they are never bound");
    else if (read_word(value.text, value.where, allowable_guards(), "a guard", problems))
        statement.guard = *parse_refusal(value.text);
    return true;
}

void check_modifiers(const BindStatement& statement, const std::vector<ListEntry>& keys, Problems& problems)
{
    if (!statement.vfs)
        return;
    // The function itself stays with its native driver: nothing that is about binding it has a meaning.
    for (const ListEntry& key : keys) {
        const Reader reader = reader_of(key.text);
        if (reader == read_with || reader == read_on_failure || reader == read_any_setting) {
            problems.error(key.where, quoted(key.text) + " contradicts 'vfs'",
                           "with vfs= the function keeps its native driver, and its virtual functions are bound");
        }
    }
}

} // namespace vfio_early
