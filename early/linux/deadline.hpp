// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/linux/error.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace vfio_early {

/// What `work` gives, made by a process of its own that has a copy of everything. ETIMEDOUT after `timeout`: the
/// process is killed and left behind, because the kernel may not let go of it; what it was doing may still happen.
/// ECHILD: it ended without an answer.
[[nodiscard]] Result<std::string> work_with_deadline(std::chrono::milliseconds timeout,
                                                     const std::function<std::string()>& work);

} // namespace vfio_early
