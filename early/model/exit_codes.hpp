// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vfio_early {

/// Exit codes of both programs.
inline constexpr int exit_ok = 0;      ///< all as the policy says
inline constexpr int exit_refused = 1; ///< something was refused or failed
inline constexpr int exit_usage = 2;   ///< usage or policy error

} // namespace vfio_early
