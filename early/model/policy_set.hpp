// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_tokens.hpp"

#include <chrono>
#include <optional>

namespace vfio_early {

/// Reads `set module NAME KEY=VALUE...`; `where` and `profile` are left to the caller.
[[nodiscard]] ModuleSetting read_module_setting(const std::vector<Token>& tokens, Problems& problems);

/// The one value of `set timeout`, `set trial` and `set log`, or nothing and an error.
[[nodiscard]] const Token* read_set_value(const std::vector<Token>& tokens, std::string_view example,
                                          Problems& problems);

void read_timeout(const Token& token, Policy& policy, Problems& problems);
void read_trial(const Token& token, Policy& policy, Problems& problems);
void read_log(const Token& token, Policy& policy, Problems& problems);

/// "10s", "500ms" or "2m"; nothing for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

} // namespace vfio_early
