// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

namespace vfio_early {

enum class Confirmation { nothing_to_do, already_confirmed, confirmed };

/// Remembers that the boot on trial has finished. Without a trial in this boot nothing is read or written.
[[nodiscard]] Result<Confirmation> confirm_boot(const Root& root);

/// Takes back the count of the boot that a resume from hibernation began with. True if there was one.
[[nodiscard]] Result<bool> forget_resume(const Root& root);

} // namespace vfio_early
