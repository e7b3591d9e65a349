// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_statements.hpp"

#include "early/model/policy_modifiers.hpp"
#include "early/model/policy_selectors.hpp"
#include "early/model/policy_values.hpp"
#include "early/model/policy_words.hpp"

#include <functional>
#include <utility>

namespace vfio_early {

namespace {

constexpr std::string_view selector_hint =
    "name what is meant by an address, path=, id=, subsystem=, class=, modalias=, "
    "serial= or native=";

/// No key at all, but many will try it.
constexpr std::array<std::string_view, 1> address_key{"address"};

constexpr std::string_view meant_key = "did you mean '%='?";

using Words = std::vector<std::string_view>;

Words words_of(std::span<const std::string_view> own)
{
    Words words(policy_words::selectors.begin(), policy_words::selectors.end());
    words.insert(words.end(), own.begin(), own.end());
    return words;
}

bool contains(std::span<const std::string_view> words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

void unknown_key(const Token& token, const Words& known, std::string_view statement, Problems& problems)
{
    const Span where{token.where.column, static_cast<unsigned>(token.key.size())};
    std::string hint;
    if (contains(policy_words::modifiers, token.key))
        hint = "it belongs to a bind statement";
    else if (contains(policy_words::protections, token.key))
        hint = "it belongs to a protect statement";
    else if (token.key == policy_words::all)
        hint = "write all alone, without '='";
    std::vector<MeantWords> meant;
    if (hint.empty()) {
        hint = "one of: %";
        meant = {{address_key, statement == "bind" ? "an address is written without a key: bind 01:00.0"
                                                   : "an address is written without a key: protect 01:00.0"},
                 {known, meant_key}};
    }
    problems.error(where, std::string(statement) + " knows no key " + quoted(token.key), std::move(hint),
                   std::move(meant));
}

void unknown_word(const Token& token, const Words& known, std::string_view statement, bool after_because,
                  Problems& problems)
{
    const std::string message = "unknown word " + quoted(token.raw);
    if (contains(known, token.raw)) {
        problems.error(token.where, quoted(token.raw) + " has no value", "write " + std::string(token.raw) + "=VALUE");
        return;
    }
    if (token.raw == policy_words::all) {
        problems.error(token.where, message, "protect holds for every function that matches, without all");
        return;
    }
    if (token.raw == "*") {
        problems.error(token.where, "'*' would name every function", std::string(selector_hint));
        return;
    }
    if (after_because) {
        problems.error(token.where, message, "put a text with blanks in quotes: because=\"...\"");
        return;
    }
    static constexpr std::array only_word{policy_words::all};
    std::vector<MeantWords> meant{{known, meant_key}, {policy_words::statements, "a statement begins a new line"}};
    if (statement == "bind")
        meant.insert(meant.begin(), {only_word});
    problems.error(token.where, message,
                   "after " + std::string(statement) + " stand an address and KEY=VALUE words; # begins a comment",
                   std::move(meant));
}

/// What `bind` and `protect` have in common: the tokens behind the statement's word.
struct StatementReader {
    std::string_view statement;
    const Words& known;
    Selector& selector;
    std::function<bool(const Value&)> read_own_key;
    std::function<bool(const Token&)> read_own_word;
    Problems& problems;
    std::vector<ListEntry> keys{}; ///< those seen, with their places

    void read(const std::vector<Token>& tokens)
    {
        for (const Token& token : std::span(tokens).subspan(1))
            if (token.value)
                read_key(token);
            else if (looks_like_address(token.raw))
                read_address(token, selector, problems);
            else if (!read_own_word(token))
                unknown_word(token, known, statement, !keys.empty() && keys.back().text == "because", problems);
        check_selector(selector, tokens.front().where, problems);
    }

private:
    void read_key(const Token& token)
    {
        const Span where{token.where.column, static_cast<unsigned>(token.key.size())};
        if (std::ranges::find(keys, token.key, &ListEntry::text) != keys.end()) {
            const std::string hint = "write it once; lists are parted by commas where a key takes several values";
            problems.error(where, quoted(token.key) + " stands in the statement twice", hint);
            return;
        }
        if (contains(known, token.key) && token.value->empty()) {
            problems.error(token.where, quoted(token.key) + " has no value",
                           "write a value behind the '=', without a blank");
            return;
        }
        keys.push_back({token.key, where});
        const Value value = token.value_of_key();
        if (!read_selector(value, selector, problems) && !read_own_key(value))
            unknown_key(token, known, statement, problems);
    }
};

} // namespace

BindStatement read_bind(const std::vector<Token>& tokens, Problems& problems)
{
    BindStatement bind;
    const auto read_all = [&](const Token& token) {
        if (token.raw != policy_words::all)
            return false;
        if (std::exchange(bind.all, true))
            problems.error(token.where, "'all' stands in the statement twice", "write it once");
        return true;
    };
    const auto read_key = [&](const Value& value) { return read_modifier(value, bind, problems); };
    static const Words known = words_of(policy_words::modifiers);
    StatementReader reader{"bind", known, bind.selector, read_key, read_all, problems};
    reader.read(tokens);
    check_modifiers(bind, reader.keys, problems);
    if (problems.has_errors())
        return bind;
    if (is_empty(bind.selector))
        problems.error(tokens.front().where, "bind names no function", std::string(selector_hint));
    else if (names_everything(bind.selector))
        problems.error(tokens.front().where, "this would name every function",
                       "say what is meant, such as id= or class=");
    return bind;
}

ProtectStatement read_protect(const std::vector<Token>& tokens, Problems& problems)
{
    ProtectStatement protect;
    const auto no_words = [](const Token&) { return false; };
    const auto read_key = [&](const Value& value) { return read_protection(value, protect, problems); };
    static const Words known = words_of(policy_words::protections);
    StatementReader reader{"protect", known, protect.selector, read_key, no_words, problems};
    reader.read(tokens);
    if (!problems.has_errors() && is_empty(protect.selector))
        problems.error(tokens.front().where, "protect names no function", std::string(selector_hint));
    return protect;
}

} // namespace vfio_early
