// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_tokens.hpp"

#include "early/model/printable.hpp"
#include "early/model/text.hpp"

namespace vfio_early {

namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/// Reads the tokens of one line from left to right.
class Lexer {
public:
    Lexer(std::string_view line, Problems& problems) : line_(line), problems_(problems) {}

    std::vector<Token> tokens()
    {
        std::vector<Token> tokens;
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
    [[nodiscard]] Span span(std::size_t from, std::size_t to) const
    {
        return {static_cast<unsigned>(from + 1), static_cast<unsigned>(to - from)};
    }

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

    [[nodiscard]] std::optional<Span> first_bad_character(std::string_view text) const
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

    std::string_view line_;
    Problems& problems_;
    std::size_t place_ = 0;
};

} // namespace

std::vector<Token> read_tokens(std::string_view line, Problems& problems)
{
    return Lexer(line, problems).tokens();
}

std::vector<ListEntry> list_entries(const Value& value, Problems& problems)
{
    std::vector<ListEntry> entries;
    unsigned column = value.where.column;
    for (const std::string_view text : split(value.text, ',')) {
        const auto length = static_cast<unsigned>(text.size());
        if (text.empty())
            problems.error({column, 1}, "an empty entry in the list", "take the comma away, or the blank behind it");
        else
            entries.push_back({text, {column, length}});
        column += length + 1;
    }
    return entries;
}

} // namespace vfio_early
