// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_line.hpp"

namespace vfio_early {

// Each reads the line that begins with its word. What is read is of use only if there were no errors; `where` and
// `profile` are left to the caller.

[[nodiscard]] BindStatement read_bind(const Tokens& tokens, Problems& problems);
[[nodiscard]] ProtectStatement read_protect(const Tokens& tokens, Problems& problems);

/// `set module NAME KEY=VALUE...`
[[nodiscard]] ModuleSetting read_module_setting(const Tokens& tokens, Problems& problems);
/// `set timeout`, `set trial` and `set log`; `word` is the second word of the line.
void read_setting(std::string_view word, const Tokens& tokens, Policy& policy, Problems& problems);

/// `image root=known`, `image root=unknown because=TEXT` or `native modalias=TEXT module=NAME,...` (`none`: no module
/// takes it). Programs write these lines, so that an error says no more than what was expected.
void read_image_fact(const Tokens& tokens, SystemFacts& facts, Problems& problems);

/// True for a word that is meant to be an address, right or wrong.
[[nodiscard]] bool looks_like_address(std::string_view word);

} // namespace vfio_early
