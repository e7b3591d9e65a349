// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_line.hpp"

namespace vfio_early {

// Each reads a KEY=VALUE word into what it speaks of. False if the key is none of its own; a wrong value is an error.

/// `path=`, `id=` and so on, of `bind` and `protect`.
bool read_selector(const Value& value, Selector& selector, Problems& problems);
/// `with=`, `driver=`, `reset=` and so on.
bool read_modifier(const Value& value, BindStatement& statement, Problems& problems);
/// `guard=` and `because=`.
bool read_protection(const Value& value, ProtectStatement& statement, Problems& problems);

} // namespace vfio_early
