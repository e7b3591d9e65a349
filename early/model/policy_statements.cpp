// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_statements.hpp"

#include "early/model/policy_keys.hpp"
#include "early/model/policy_words.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <concepts>
#include <utility>

namespace vfio_early {

namespace {

constexpr std::string_view selector_hint =
    "name what is meant by an address, path=, id=, subsystem=, class=, modalias=, "
    "serial= or native=";
constexpr std::string_view key_hint = "did you mean '%='?";

using Words = std::vector<std::string_view>;

Words selectors_and(std::span<const std::string_view> own)
{
    Words words(policy_words::selectors.begin(), policy_words::selectors.end());
    words.insert(words.end(), own.begin(), own.end());
    return words;
}

bool contains(std::span<const std::string_view> words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

template <std::size_t N>
bool overlap(const ValueSet<N>& a, const ValueSet<N>& b)
{
    return (a & b).any();
}

/// False if no function at the end of the path can have the address.
bool can_both_match(const AddressPattern& address, const PathPattern& path)
{
    if (path.hops.empty()) {
        return (!address.domain || !path.root.domain || *address.domain == *path.root.domain) &&
               overlap(address.buses, path.root.buses) && overlap(address.devices, path.root.devices) &&
               overlap(address.functions, path.root.functions);
    }
    // Bus numbers below the root are nobody's to foresee.
    const PathPattern::Hop& last = path.hops.back();
    return overlap(address.devices, last.devices) && overlap(address.functions, last.functions);
}

bool names_nothing(const Selector& selector)
{
    return !selector.has_place() && selector.ids.empty() && selector.subsystems.empty() && selector.classes.empty() &&
           !selector.modalias && !selector.serial && !selector.native;
}

bool is_any_address(const AddressPattern& address)
{
    return address.buses.all() && address.devices.all() && address.functions.all();
}

/// True if the glob matches two modaliases that differ in every digit.
bool is_any_modalias(std::string_view glob)
{
    return glob_match(glob, Ids{}.modalias()) &&
           glob_match(glob, Ids{0xffff, 0xffff, 0xffff, 0xffff, 0xffffff}.modalias());
}

/// True if every function that can exist matches.
bool names_everything(const Selector& selector)
{
    if (!selector.ids.empty() || !selector.subsystems.empty() || !selector.classes.empty() || selector.serial ||
        selector.native || (selector.modalias && !is_any_modalias(*selector.modalias)))
        return false;
    const auto is_any_hop = [](const PathPattern::Hop& hop) { return hop.devices.all() && hop.functions.all(); };
    const auto& path = selector.path;
    return (!selector.address || is_any_address(*selector.address)) &&
           (!path || (is_any_address(path->root) && std::ranges::all_of(path->hops, is_any_hop)));
}

void read_address(const Token& token, Selector& selector, Problems& problems)
{
    if (selector.address) {
        problems.error(token.where, "a second address in one statement", "write a statement for each address");
        return;
    }
    selector.address = parse_address_pattern(token.raw);
    if (selector.address)
        return;
    std::string hint = "write BUS:DEVICE.FUNCTION as lspci does, such as 01:00.0 or 01:00.* (device up to 1f, "
                       "function up to 7)";
    if (parse_id_pattern(token.raw))
        hint = "a vendor and device number is written id=" + std::string(token.raw);
    else if (parse_path_pattern(token.raw))
        hint = "a path is written path=" + std::string(token.raw);
    problems.error(token.where, quoted(token.raw) + " is not an address", std::move(hint));
}

/// A line of `bind` or `protect`, read into its statement.
template <typename Statement>
class StatementReader {
public:
    using ReadOwnKey = bool (*)(const Value&, Statement&, Problems&);

    StatementReader(Statement& statement, const Words& known, ReadOwnKey read_own_key, Problems& problems)
        : statement_(statement), known_(known), read_own_key_(read_own_key), problems_(problems)
    {
    }

    void read(const Tokens& tokens)
    {
        Selector& selector = statement_.selector;
        for (const Token& token : std::span(tokens).subspan(1))
            if (token.value)
                read_key(token);
            else if (looks_like_address(token.raw))
                read_address(token, selector, problems_);
            else
                read_bare_word(token);
        if (selector.address && selector.path && !can_both_match(*selector.address, *selector.path)) {
            problems_.error(tokens.front().where, "no function has both this address and this path",
                            "leave one of them out: the path also holds when bus numbers move");
        }
    }

    /// Those seen, with their places.
    [[nodiscard]] const std::vector<Value>& keys() const { return keys_; }

private:
    static constexpr bool is_bind = std::same_as<Statement, BindStatement>;
    static constexpr std::string_view word = is_bind ? "bind" : "protect";

    void read_key(const Token& token)
    {
        const Span where{token.where.column, static_cast<unsigned>(token.key.size())};
        if (std::ranges::find(keys_, token.key, &Value::key) != keys_.end()) {
            problems_.error(where, quoted(token.key) + " stands in the statement twice",
                            "write it once; lists are parted by commas where a key takes several values");
            return;
        }
        if (contains(known_, token.key) && token.value->empty()) {
            problems_.error(token.where, quoted(token.key) + " has no value",
                            "write a value behind the '=', without a blank");
            return;
        }
        keys_.push_back({token.key, {}, where});
        const Value value = token.value_of_key();
        if (!read_selector(value, statement_.selector, problems_) && !read_own_key_(value, statement_, problems_))
            refuse_key(token.key, where);
    }

    void refuse_key(std::string_view key, Span where)
    {
        static constexpr std::array<std::string_view, 1> address_key{"address"}; // none, but many will try it
        std::string hint = "one of: %";
        std::vector<MeantWords> meant;
        if (contains(policy_words::modifiers, key))
            hint = "it belongs to a bind statement";
        else if (contains(policy_words::protections, key))
            hint = "it belongs to a protect statement";
        else if (key == policy_words::all)
            hint = "write all alone, without '='";
        else
            meant = {{address_key, is_bind ? "an address is written without a key: bind 01:00.0"
                                           : "an address is written without a key: protect 01:00.0"},
                     {known_, key_hint}};
        problems_.error(where, std::string(word) + " knows no key " + quoted(key), std::move(hint), std::move(meant));
    }

    void read_bare_word(const Token& token)
    {
        const std::string message = "unknown word " + quoted(token.raw);
        if (token.raw == policy_words::all) {
            read_all(token, message);
        } else if (contains(known_, token.raw)) {
            problems_.error(token.where, quoted(token.raw) + " has no value",
                            "write " + std::string(token.raw) + "=VALUE");
        } else if (token.raw == "*") {
            problems_.error(token.where, "'*' would name every function", std::string(selector_hint));
        } else if (!keys_.empty() && keys_.back().key == "because") {
            problems_.error(token.where, message, "put a text with blanks in quotes: because=\"...\"");
        } else {
            static constexpr std::array only_word{policy_words::all};
            std::vector<MeantWords> meant{{known_, key_hint},
                                          {policy_words::statements, "a statement begins a new line"}};
            if constexpr (is_bind)
                meant.insert(meant.begin(), {only_word});
            problems_.error(token.where, message,
                            "after " + std::string(word) + " stand an address and KEY=VALUE words; # begins a comment",
                            std::move(meant));
        }
    }

    void read_all(const Token& token, const std::string& message)
    {
        if constexpr (!is_bind)
            problems_.error(token.where, message, "protect holds for every function that matches, without all");
        else if (std::exchange(statement_.all, true))
            problems_.error(token.where, "'all' stands in the statement twice", "write it once");
    }

    Statement& statement_;
    const Words& known_;
    ReadOwnKey read_own_key_;
    Problems& problems_;
    std::vector<Value> keys_;
};

} // namespace

bool looks_like_address(std::string_view word)
{
    const bool has_digit = word.find_first_of("0123456789*?[") != std::string_view::npos;
    return word.contains(':') || (has_digit && word.find_first_of("./") != std::string_view::npos);
}

BindStatement read_bind(const Tokens& tokens, Problems& problems)
{
    static const Words known = selectors_and(policy_words::modifiers);
    BindStatement bind;
    StatementReader reader(bind, known, read_modifier, problems);
    reader.read(tokens);
    if (bind.vfs) {
        // The function itself stays with its native driver: nothing that is about binding it has a meaning.
        static constexpr std::array<std::string_view, 3> of_vfs{"driver", "allow", "vfs"};
        for (const Value& key : reader.keys())
            if (contains(policy_words::modifiers, key.key) && !contains(of_vfs, key.key))
                problems.error(key.where, quoted(key.key) + " contradicts 'vfs'",
                               "with vfs= the function keeps its native driver, and its virtual functions are bound");
    }
    if (problems.has_errors())
        return bind;
    if (names_nothing(bind.selector))
        problems.error(tokens.front().where, "bind names no function", std::string(selector_hint));
    else if (names_everything(bind.selector))
        problems.error(tokens.front().where, "this would name every function",
                       "say what is meant, such as id= or class=");
    return bind;
}

ProtectStatement read_protect(const Tokens& tokens, Problems& problems)
{
    static const Words known = selectors_and(policy_words::protections);
    ProtectStatement protect;
    StatementReader(protect, known, read_protection, problems).read(tokens);
    if (!problems.has_errors() && names_nothing(protect.selector))
        problems.error(tokens.front().where, "protect names no function", std::string(selector_hint));
    return protect;
}

} // namespace vfio_early
