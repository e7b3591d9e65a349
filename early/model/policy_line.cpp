// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_line.hpp"

#include "early/model/printable.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vfio_early {

namespace {

using Severity = Diagnostic::Severity;

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

Span span(std::size_t from, std::size_t to)
{
    return {static_cast<unsigned>(from + 1), static_cast<unsigned>(to - from)};
}

std::optional<Span> first_bad_character(std::string_view text)
{
    for (std::size_t place = 0; place < text.size();) {
        if (text[place] >= ' ' && text[place] < '\x7f') { // most are
            ++place;
            continue;
        }
        const PrintableCharacter character = printable_character(text.substr(place));
        if (character.width != 1 && text[place] != '\t')
            return span(place, place + character.bytes);
        place += character.bytes;
    }
    return std::nullopt;
}

/// Reads the tokens of one line from left to right.
class Lexer {
public:
    Lexer(std::string_view line, Problems& problems) : line_(line), problems_(problems) {}

    Tokens tokens()
    {
        Tokens tokens;
        while (skip_blanks())
            tokens.push_back(token());
        if (const auto bad = first_bad_character(line_.substr(0, place_)))
            problems_.error(*bad, "a character that is not text", "delete it; the policy is plain UTF-8");
        return tokens;
    }

private:
    /// False at the end of the line or at a comment.
    bool skip_blanks()
    {
        while (place_ < line_.size() && is_blank(line_[place_]))
            ++place_;
        return place_ < line_.size() && line_[place_] != '#';
    }

    [[nodiscard]] bool at_end_of_token() const { return place_ == line_.size() || is_blank(line_[place_]); }

    Token token()
    {
        Token token;
        const std::size_t start = place_;
        skip_plain("=");
        token.key = line_.substr(start, place_ - start);
        if (!at_end_of_token()) {
            ++place_; // the `=`
            read_value(token);
        }
        token.raw = line_.substr(start, place_ - start);
        token.where = span(start, place_);
        return token;
    }

    void read_value(Token& token)
    {
        if (place_ < line_.size() && line_[place_] == '"') {
            token.value = quoted_value(token.value_where);
            return;
        }
        const std::size_t start = place_;
        skip_plain("");
        token.value = line_.substr(start, place_ - start);
        token.value_where = span(start, place_);
    }

    /// Moves to the end of the token, or to the first of `stops`.
    void skip_plain(std::string_view stops)
    {
        for (; !at_end_of_token() && !stops.contains(line_[place_]); ++place_) {
            if (line_[place_] == '"') {
                problems_.error(span(place_, place_ + 1), "a quote that does not begin a value",
                                "put the whole value in quotes, and write \\\" for a quote inside it");
            }
        }
    }

    std::string quoted_value(Span& where)
    {
        const std::size_t open = place_++;
        std::string value;
        for (; place_ < line_.size() && line_[place_] != '"'; ++place_) {
            if (line_[place_] == '\\' && !unescape())
                continue;
            value += line_[place_];
        }
        where = span(open + 1, place_);
        if (place_ == line_.size()) {
            problems_.error(span(open, place_), "the quote is never closed", "put a \" at the end of the value");
            return value;
        }
        ++place_; // the closing quote
        if (!at_end_of_token()) {
            problems_.error(span(place_, place_ + 1), "something follows the closing quote",
                            "leave a blank behind the quote, or write \\\" for a quote inside the value");
            skip_plain("");
        }
        return value;
    }

    /// Steps over a backslash; false, and an error, if what follows needs none.
    bool unescape()
    {
        if (place_ + 1 < line_.size() && (line_[place_ + 1] == '"' || line_[place_ + 1] == '\\')) {
            ++place_;
            return true;
        }
        problems_.error(span(place_, place_ + 1), "a backslash that escapes nothing", "write \\\\ for a backslash");
        return false;
    }

    std::string_view line_;
    Problems& problems_;
    std::size_t place_ = 0;
};

} // namespace

void Problems::begin_line(const std::string& file, unsigned line, std::string_view text)
{
    line_ = {file, line, 0};
    text_ = text;
    has_errors_ = false;
}

void Problems::error(Span where, std::string message, std::string hint, std::vector<MeantWords> meant)
{
    has_errors_ = true;
    add({Severity::error,
         {line_.file, line_.line, where.column},
         where.length,
         std::move(message),
         std::string(text_),
         std::move(hint),
         std::move(meant)});
}

void Problems::warning(Span where, std::string message, std::string hint)
{
    add({Severity::warning,
         {line_.file, line_.line, where.column},
         where.length,
         std::move(message),
         std::string(text_),
         std::move(hint)});
}

void Problems::add(Diagnostic diagnostic)
{
    std::vector<Diagnostic>& all = parsed_.diagnostics;
    auto place = all.end();
    for (; place != all.begin(); --place) {
        const Location& before = std::prev(place)->where;
        if (before.line != line_.line || before.file != line_.file || before.column <= diagnostic.where.column)
            break;
    }
    all.insert(place, std::move(diagnostic));
    if (all.size() <= max_diagnostics)
        return;
    const auto last_warning = std::ranges::find(all.rbegin(), all.rend(), Severity::warning, &Diagnostic::severity);
    if (last_warning != all.rend()) {
        all.erase(std::next(last_warning).base());
    } else {
        all.pop_back();
        ++parsed_.suppressed;
    }
}

Tokens read_tokens(std::string_view line, Problems& problems)
{
    return Lexer(line, problems).tokens();
}

std::vector<Value> list_entries(const Value& list, Problems& problems)
{
    std::vector<Value> entries;
    unsigned column = list.where.column;
    for (const std::string_view text : split(list.text, ',')) {
        const auto length = static_cast<unsigned>(text.size());
        if (text.empty())
            problems.error({column, 1}, "an empty entry in the list", "take the comma away, or the blank behind it");
        else
            entries.push_back({list.key, text, {column, length}});
        column += length + 1;
    }
    return entries;
}

std::optional<std::size_t> read_word(const Value& value, std::span<const std::string_view> words, std::string_view what,
                                     Problems& problems)
{
    const auto found = std::ranges::find(words, value.text);
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    problems.error(value.where, quoted(value.text) + " is not " + std::string(what), "one of: %", {{words}});
    return std::nullopt;
}

std::optional<std::string> read_module_name(const Value& value, Problems& problems)
{
    if (is_name(value.text))
        return normal_module_name(value.text);
    problems.error(value.where, quoted(value.text) + " is not the name of a module",
                   "letters, digits, '_' and '-' only, without a directory or .ko");
    return std::nullopt;
}

} // namespace vfio_early
