// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// A piece of a line.
struct Span {
    unsigned column = 1; ///< from 1, in bytes; 0: the whole line
    unsigned length = 1;
};

/// Adds what is wrong with a policy to `parsed`, line after line, in order of place. Keeps the first max_diagnostics,
/// errors before warnings, so that the memory it takes has a limit whatever the input.
class Problems {
public:
    explicit Problems(ParsedPolicy& parsed) : parsed_(parsed) {}

    /// What follows is about this line; `text` is what is shown of it. Line 0 is the whole file.
    void begin_line(const std::string& file, unsigned line, std::string_view text);
    void error(Span where, std::string message, std::string hint = {}, std::vector<MeantWords> meant = {});
    void warning(Span where, std::string message, std::string hint = {});
    /// Whether this line has any.
    [[nodiscard]] bool has_errors() const { return has_errors_; }

private:
    void add(Diagnostic diagnostic);

    ParsedPolicy& parsed_;
    Location line_;
    std::string_view text_;
    bool has_errors_ = false;
};

/// What stands behind the `=` of a token, quotes and escapes resolved, or one entry of the comma list that stands
/// there.
struct Value {
    std::string_view key;
    std::string_view text;
    Span where; ///< as written, without the quotes
};

/// One word of a policy line: `bind`, `01:00.*`, `id=10de:128b`, `because="holds /"`.
struct Token {
    std::string_view raw; ///< as written
    Span where;
    std::string_view key;             ///< what stands before the first `=`; the whole word where there is none
    std::optional<std::string> value; ///< what stands behind it, resolved; nothing: there is no `=`
    Span value_where;                 ///< the value as written, without the quotes

    [[nodiscard]] Value value_of_key() const { return {key, *value, value_where}; }
    /// A word without a key as a value.
    [[nodiscard]] Value whole() const { return {{}, raw, where}; }
};
using Tokens = std::vector<Token>;

/// Parts a line into tokens: at blanks and tabs; `#` at the start of a token begins a comment. A value may stand in
/// double quotes, inside which \" and \\ are escapes. Control characters and what is not UTF-8 are errors outside
/// comments. The tokens are of use only if nothing was wrong, and point into `line`.
[[nodiscard]] Tokens read_tokens(std::string_view line, Problems& problems);

/// The entries of a comma list. An empty entry is an error and left out.
[[nodiscard]] std::vector<Value> list_entries(const Value& list, Problems& problems);

/// The place of `value` among `words`; otherwise an error that names them, and nothing. `what` is "a reset method".
[[nodiscard]] std::optional<std::size_t> read_word(const Value& value, std::span<const std::string_view> words,
                                                   std::string_view what, Problems& problems);

/// A module name, '_' for '-', or an error and nothing.
[[nodiscard]] std::optional<std::string> read_module_name(const Value& value, Problems& problems);

} // namespace vfio_early
