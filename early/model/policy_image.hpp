// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy_tokens.hpp"

#include <vector>

namespace vfio_early {

/// Reads `image root=known`, `image root=unknown because=TEXT` or `native modalias=TEXT module=NAME,...` (`none`: no
/// module takes it) into `facts`. Programs write these lines, so that an error says no more than what was expected.
void read_image_fact(const std::vector<Token>& tokens, SystemFacts& facts, Problems& problems);

} // namespace vfio_early
