// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_tokens.hpp"

namespace vfio_early {

/// Read a line whose first token is `bind` or `protect`. `where` and `profile` are left to the caller; the
/// result is of use only if there were no errors.
[[nodiscard]] BindStatement read_bind(const std::vector<Token>& tokens, Problems& problems);
[[nodiscard]] ProtectStatement read_protect(const std::vector<Token>& tokens, Problems& problems);

} // namespace vfio_early
