// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/setup/dialogue.hpp"
#include "hook/ui/console.hpp"

namespace vfio_early {

/// Prompts on the console and reads from standard input, never more than the line: what is typed ahead is for the next
/// question, or for a program that we run meanwhile.
[[nodiscard]] TypeLine type_on_terminal(Console& console);

} // namespace vfio_early
