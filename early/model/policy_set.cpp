// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_statements.hpp"
#include "early/model/policy_words.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <utility>

namespace vfio_early {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_timeout{100};
constexpr milliseconds longest_timeout = std::chrono::minutes{10};
constexpr std::uint32_t most_trials = 100;

void check_option(const Token& option, std::string_view module, Problems& problems)
{
    if (!option.value) {
        problems.error(option.where, quoted(option.raw) + " has no value",
                       "a module option is written KEY=VALUE, such as disable_idle_d3=1");
        return;
    }
    // The parameter names of modules are C identifiers; a dot or a dash would name something else.
    if (!is_name(option.key) || option.key.contains('-'))
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

/// "10s", "500ms" or "2m"; nothing for anything else.
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
    const auto boots = parse_decimal(token.raw);
    if (token.raw == "off")
        policy.trial.reset();
    else if (boots && *boots >= 1 && *boots <= most_trials)
        policy.trial = *boots;
    else
        problems.error(token.where, quoted(token.raw) + " is not a number of boots", "1 to 100, or off");
}

void read_log(const Token& token, Policy& policy, Problems& problems)
{
    if (const auto level = read_word(token.whole(), policy_words::log_levels, "a log level", problems))
        policy.log = static_cast<LogLevel>(*level);
}

/// The value of the token at `place`, which must be `key`; otherwise an error and nothing.
std::optional<Value> value_at(const Tokens& tokens, std::size_t place, std::string_view key, Problems& problems)
{
    if (place < tokens.size() && tokens[place].key == key && tokens[place].value)
        return tokens[place].value_of_key();
    const Token& near = place < tokens.size() ? tokens[place] : tokens.front();
    problems.error(near.where, quoted(tokens.front().raw) + " needs " + std::string(key) + "=",
                   "vfio-earlyctl image writes this line; make the image anew");
    return std::nullopt;
}

} // namespace

ModuleSetting read_module_setting(const Tokens& tokens, Problems& problems)
{
    constexpr std::string_view example = "such as: set module vfio-pci disable_idle_d3=1";
    ModuleSetting setting;
    if (tokens.size() < 3) {
        problems.error(tokens.back().where, "set module names no module", std::string(example));
        return setting;
    }
    setting.module = read_module_name(tokens[2].whole(), problems).value_or("");
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

void read_setting(std::string_view word, const Tokens& tokens, Policy& policy, Problems& problems)
{
    struct Setting {
        std::string_view word;
        std::string_view example;
        void (*read)(const Token&, Policy&, Problems&);
    };
    static constexpr std::array<Setting, 3> settings{
        {{"timeout", "10s", read_timeout}, {"trial", "2", read_trial}, {"log", "normal", read_log}}};
    const auto& setting = *std::ranges::find(settings, word, &Setting::word);
    const std::string hint = "such as: set " + std::string(word) + ' ' + std::string(setting.example);
    if (tokens.size() < 3)
        problems.error(tokens[1].where, quoted(word) + " has no value", hint);
    else if (tokens.size() > 3)
        problems.error(tokens[3].where, "there is one value too many", hint);
    else
        setting.read(tokens[2], policy, problems);
}

void read_image_fact(const Tokens& tokens, SystemFacts& facts, Problems& problems)
{
    if (tokens.front().raw == "image") {
        const auto root = value_at(tokens, 1, "root", problems);
        if (!root || !read_word(*root, policy_words::knowledge, "a word for it", problems))
            return;
        facts.root_unknown.clear();
        if (root->text == "unknown")
            if (const auto because = value_at(tokens, 2, "because", problems))
                facts.root_unknown = because->text;
        return;
    }
    const auto modalias = value_at(tokens, 1, "modalias", problems);
    const auto modules = value_at(tokens, 2, "module", problems);
    if (!modalias || !modules)
        return;
    SystemFacts::Native native{std::string(modalias->text), {}};
    for (const Value& entry : list_entries(*modules, problems))
        if (auto name = read_module_name(entry, problems); name && entry.text != "none")
            native.modules.push_back(std::move(*name));
    facts.natives.push_back(std::move(native));
}

} // namespace vfio_early
