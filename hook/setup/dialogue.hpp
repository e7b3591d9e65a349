// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/ui/console.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Shows a prompt and returns the line that the user types; nothing at the end of the input.
using TypeLine = std::function<std::optional<std::string>(const std::string& prompt)>;

/// Prompts on the console and reads from standard input, never more than the line: what is typed ahead is for the next
/// question, or for a program that we run meanwhile.
[[nodiscard]] TypeLine type_on_terminal(Console& console);

/// The answers that were given as options.
struct SetupAnswers {
    std::string card; ///< an address; empty: not given
    std::optional<bool> write_policy;
    std::optional<bool> boot_params;
    std::optional<bool> image;
};

/// The options that must be given where there is no terminal.
[[nodiscard]] std::vector<std::string> missing_options(const SetupAnswers& answers);

/// "yes", "n", in any case; nothing for all else.
[[nodiscard]] std::optional<bool> parse_yes_or_no(std::string_view text);

/// The answer that was given as an option, or else asks until there is one. Nothing at the end of the input.
[[nodiscard]] std::optional<bool> yes_or_no(std::optional<bool> given, const std::string& question,
                                            const TypeLine& type_line);

/// Asks until the user types a number from 1 to `count`, or a text that `find` knows. Counted from 0; nothing if the
/// user types "q", and at the end of the input.
[[nodiscard]] std::optional<std::size_t>
choose(const std::string& question, std::size_t count,
       const std::function<std::optional<std::size_t>(const std::string&)>& find, const TypeLine& type_line);

} // namespace vfio_early
