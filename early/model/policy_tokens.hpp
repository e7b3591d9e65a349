// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_problems.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What stands behind the `=` of a token, quotes and escapes resolved.
struct Value {
    std::string_view key;
    std::string_view text;
    Span where; ///< as written, without the quotes
};

/// One entry of a comma list.
struct ListEntry {
    std::string_view text;
    Span where;
};

/// One word of a policy line: `bind`, `01:00.*`, `id=10de:128b`, `because="holds /"`.
struct Token {
    std::string_view raw; ///< as written
    Span where;
    std::string_view key;             ///< what stands before the first `=`; the whole word where there is none
    std::optional<std::string> value; ///< what stands behind it, resolved; nothing: there is no `=`
    Span value_where;                 ///< the value as written, without the quotes

    [[nodiscard]] Value value_of_key() const { return {key, *value, value_where}; }
};

/// Parts a line into tokens: at blanks and tabs; `#` at the start of a token begins a comment. A value may stand in
/// double quotes, inside which \" and \\ are escapes. Control characters and what is not UTF-8 are errors outside
/// comments. The tokens are of use only if nothing was wrong, and point into `line`.
[[nodiscard]] std::vector<Token> read_tokens(std::string_view line, Problems& problems);

/// The entries of a comma list. An empty entry is an error and left out.
[[nodiscard]] std::vector<ListEntry> list_entries(const Value& value, Problems& problems);

} // namespace vfio_early
