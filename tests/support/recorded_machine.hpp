// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/support/temporary_tree.hpp"

#include <string>
#include <string_view>

namespace vfio_early::test {

/// Expands a machine that is written down (vfio-earlyctl(8), MACHINES AS TEXT) into `tree`; its bases are those of
/// tests/machines. Throws std::runtime_error saying what is wrong where.
void expand_machine_text(std::string_view text, const TemporaryTree& tree);

/// The same for tests/machines/NAME.machine.
void expand_machine(const std::string& name, const TemporaryTree& tree);

} // namespace vfio_early::test
