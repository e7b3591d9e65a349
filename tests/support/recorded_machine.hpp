// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/support/temporary_tree.hpp"

#include <string>

namespace vfio_early::test {

/// Expands tests/machines/NAME.machine into `tree`; throws std::runtime_error naming file and line where the
/// recording is wrong. The format is described in tests/machines/README.md.
void expand_machine(const std::string& name, const TemporaryTree& tree);

} // namespace vfio_early::test
