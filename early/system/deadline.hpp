// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace vfio_early {

/// What `work` gives, made by a process of its own that has a copy of everything. ETIMEDOUT after `timeout`: the
/// process is killed and left behind, because the kernel may not let go of it; what it was doing may still happen.
/// ECHILD: it ended without an answer.
[[nodiscard]] Result<std::string> work_with_deadline(std::chrono::milliseconds timeout,
                                                     const std::function<std::string()>& work);

/// 0 once `file` has something to read, or its end; ETIMEDOUT at `end`; else what poll(2) says.
[[nodiscard]] int wait_readable(int file, std::chrono::steady_clock::time_point end);

/// For a child that may hang for ever: it must not keep the streams open that somebody reads our output from.
void leave_standard_files();

} // namespace vfio_early
