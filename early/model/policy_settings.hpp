// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_tokens.hpp"

#include <cstdint>
#include <optional>

namespace vfio_early {

/// Reads `reset=`, `d3cold=`, `power=` or `rebarN=`; nothing, and an error, if the value is wrong.
[[nodiscard]] std::optional<DeviceSetting> read_device_setting(const Value& value, Problems& problems);

/// "256M" in bytes: a number with K, M, G or T. Nothing for anything else, or above 2^63.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

} // namespace vfio_early
