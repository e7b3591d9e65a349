// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/guards.hpp"
#include "early/model/machine.hpp"

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace vfio_early {

/// "01:00.0", "0000:01:00.0", or without the function for the whole slot; globs as in the policy. Nothing for anything
/// else.
[[nodiscard]] std::optional<AddressPattern> parse_operand(const std::string& text);

/// Functions by slot.
using Slots = std::map<Address, std::set<Address>>;

/// The functions that the operands name and, unless `exact`, those of the same card. An error text if an operand is no
/// address, or names no function, or a bridge.
[[nodiscard]] std::expected<Slots, std::string> find_functions(const std::vector<std::string>& operands,
                                                               const Machine& machine, bool exact);

/// The guards of --allow options: lists with commas. An error text for a word that is none.
[[nodiscard]] std::expected<RefusalSet, std::string> read_allow(const std::vector<std::string>& values);

} // namespace vfio_early
