// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_tokens.hpp"

namespace vfio_early {

/// Reads `with=`, `driver=`, `reset=` and so on into `statement`. False if the key is no modifier's of `bind`.
bool read_modifier(const Value& value, BindStatement& statement, Problems& problems);

/// Reads `guard=` and `because=`. False if the key is neither.
bool read_protection(const Value& value, ProtectStatement& statement, Problems& problems);

/// Modifiers that contradict each other. `keys` are those that were written, with their places.
void check_modifiers(const BindStatement& statement, const std::vector<ListEntry>& keys, Problems& problems);

} // namespace vfio_early
