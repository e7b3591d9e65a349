// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"

#include <string>

namespace vfio_early::test {

/// What a policy says, for people and for comparison: every value that is not the default, a line each. Two policies
/// with the same text are equal but for `where` of their statements, of which line and column are shown.
[[nodiscard]] std::string dump(const Policy& policy);

[[nodiscard]] std::string dump(const BindStatement& statement);
[[nodiscard]] std::string dump(const ProtectStatement& statement);

/// All diagnostics as a user reads them, and how many more there are.
[[nodiscard]] std::string render_all(const ParsedPolicy& parsed);

} // namespace vfio_early::test
