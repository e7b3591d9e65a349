// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_tokens.hpp"

namespace vfio_early {

/// Reads `path=`, `id=` and so on into `selector`. False if the key is no selector's.
bool read_selector(const Value& value, Selector& selector, Problems& problems);

/// True for a word that is meant to be an address, right or wrong.
[[nodiscard]] bool looks_like_address(std::string_view word);
/// Reads a word without a key as an address.
void read_address(const Token& token, Selector& selector, Problems& problems);

/// What only the whole statement shows: address and path that never match together.
void check_selector(const Selector& selector, Span statement, Problems& problems);

[[nodiscard]] bool is_empty(const Selector& selector);
/// True if every function that can exist matches.
[[nodiscard]] bool names_everything(const Selector& selector);

} // namespace vfio_early
