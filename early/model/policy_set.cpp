// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_set.hpp"

#include "early/model/policy_values.hpp"
#include "early/model/policy_words.hpp"

#include <utility>

namespace vfio_early {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_timeout{100};
constexpr milliseconds longest_timeout = std::chrono::minutes{10};
constexpr std::uint32_t most_trials = 100;

/// The parameter names of modules are C identifiers; a dot or a dash would name something else.
bool is_parameter_name(std::string_view name)
{
    return is_name(name) && !name.contains('-');
}

void check_option(const Token& option, std::string_view module, Problems& problems)
{
    if (!option.value) {
        problems.error(option.where, quoted(option.raw) + " has no value",
                       "a module option is written KEY=VALUE, such as disable_idle_d3=1");
        return;
    }
    if (!is_parameter_name(option.key))
        problems.error(option.where, quoted(option.key) + " is not the name of a module option", "modinfo shows them");
    if (option.value->empty())
        problems.error(option.where, quoted(option.key) + " has no value", "write a value behind the '='");
    if (option.value->contains('"')) {
        problems.error(option.value_where, "a module option cannot hold a quote",
                       "the kernel knows no escape for it (next_arg() in lib/cmdline.c)");
    }
    if (module == "vfio_pci" && option.key == "ids") {
        problems.warning(option.where,
                         "vfio-pci takes every function with these ids by itself, whatever the policy says",
                         "write bind statements instead");
    }
}

} // namespace

ModuleSetting read_module_setting(const std::vector<Token>& tokens, Problems& problems)
{
    constexpr std::string_view example = "such as: set module vfio-pci disable_idle_d3=1";
    ModuleSetting setting;
    if (tokens.size() < 3) {
        problems.error(tokens.back().where, "set module names no module", std::string(example));
        return setting;
    }
    if (const auto name = read_module_name(tokens[2].raw, tokens[2].where, problems))
        setting.module = normal_module_name(*name);
    if (tokens.size() < 4)
        problems.error(tokens[2].where, "set module gives no option", std::string(example));
    for (const Token& option : std::span(tokens).subspan(3)) {
        check_option(option, setting.module, problems);
        if (!setting.options.empty())
            setting.options += ' ';
        setting.options += option.raw;
    }
    return setting;
}

const Token* read_set_value(const std::vector<Token>& tokens, std::string_view example, Problems& problems)
{
    const std::string hint = "such as: set " + std::string(tokens[1].raw) + ' ' + std::string(example);
    if (tokens.size() < 3) {
        problems.error(tokens[1].where, quoted(tokens[1].raw) + " has no value", hint);
        return nullptr;
    }
    if (tokens.size() > 3) {
        problems.error(tokens[3].where, "there is one value too many", hint);
        return nullptr;
    }
    return &tokens[2];
}

std::optional<milliseconds> parse_duration(std::string_view text)
{
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_decimal(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    if (!number)
        return std::nullopt;
    if (unit == "ms")
        return milliseconds(*number);
    if (unit == "s")
        return std::chrono::seconds(*number);
    if (unit == "m")
        return std::chrono::minutes(*number);
    return std::nullopt;
}

void read_timeout(const Token& token, Policy& policy, Problems& problems)
{
    const auto timeout = parse_duration(token.raw);
    if (!timeout) {
        problems.error(token.where, quoted(token.raw) + " is not a time", "write 500ms, 10s or 2m");
        return;
    }
    if (*timeout < shortest_timeout || *timeout > longest_timeout)
        problems.error(token.where, quoted(token.raw) + " is out of range", "from 100ms to 10m");
    policy.timeout = *timeout;
}

void read_trial(const Token& token, Policy& policy, Problems& problems)
{
    if (token.raw == "off") {
        policy.trial.reset();
        return;
    }
    const auto boots = parse_decimal(token.raw);
    if (boots && *boots >= 1 && *boots <= most_trials)
        policy.trial = *boots;
    else
        problems.error(token.where, quoted(token.raw) + " is not a number of boots", "1 to 100, or off");
}

void read_log(const Token& token, Policy& policy, Problems& problems)
{
    if (const auto level = read_word(token.raw, token.where, policy_words::log_levels, "a log level", problems))
        policy.log = static_cast<LogLevel>(*level);
}

} // namespace vfio_early
