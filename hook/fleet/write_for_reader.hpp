// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <string>

namespace vfio_early {

/// Writes `text` to `file` as a whole, so that whoever collects such files never reads half of one: the temporary file
/// beside it begins with a dot. A directory that is not there is not made (ENOENT), for nobody would ever look into it.
[[nodiscard]] Result<void> write_for_reader(const std::string& file, const std::string& text);

} // namespace vfio_early
