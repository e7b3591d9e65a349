// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Shows a prompt and returns the line that somebody types; nothing if there is nobody any more.
using TypeLine = std::function<std::optional<std::string>(const std::string& prompt)>;

/// The answers that were given as options.
struct SetupAnswers {
    std::string card; ///< an address; empty: not given
    std::optional<bool> write_policy;
    std::optional<bool> boot_params;
    std::optional<bool> image;
};

/// The options that are missing where nobody can be asked.
[[nodiscard]] std::vector<std::string> missing_options(const SetupAnswers& answers);

/// "yes", "n", in any case; nothing for all else.
[[nodiscard]] std::optional<bool> parse_yes_or_no(std::string_view text);

/// The answer that was given, or asks until it is one. Nothing: whoever was asked has gone.
[[nodiscard]] std::optional<bool> yes_or_no(std::optional<bool> given, const std::string& question,
                                            const TypeLine& type_line);

/// Asks for a number from 1 to `count`, or for what `find` knows, until it is one. Counted from 0; nothing: whoever was
/// asked has gone, or typed "q".
[[nodiscard]] std::optional<std::size_t>
choose(const std::string& question, std::size_t count,
       const std::function<std::optional<std::size_t>(const std::string&)>& find, const TypeLine& type_line);

} // namespace vfio_early
