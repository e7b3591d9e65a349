// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"

#include <chrono>
#include <functional>

namespace vfio_early {

/// Something that is done to the kernel. It must be the same each time it is run: what it does may depend on the
/// answers of the kernel that it is given and on nothing else that changes, and it changes nothing but what it keeps
/// for itself.
using KernelWork = std::function<void(Kernel&)>;
/// Whoever runs such work.
using RunOnKernel = std::function<void(const KernelWork&)>;

/// Runs `work` so that none of its calls takes longer than `limit`, however the kernel hangs.
///
/// A child process runs it, and tells of each answer. Where a call takes too long, or kills the child, its answer is
/// ETIMEDOUT or ECHILD, and another child runs the work from its beginning: calls that have an answer get that one
/// again and are not made, so that it goes on where the last one stopped. In the end the work is run here, with all
/// answers and without any call, so that the caller has what it found out. Without a child the calls are made here,
/// unlimited.
void run_with_limit(Kernel& kernel, std::chrono::milliseconds limit, const KernelWork& work);

} // namespace vfio_early
