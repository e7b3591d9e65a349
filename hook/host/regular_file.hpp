// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace vfio_early {

/// The whole of a file of the caller's, at most `limit` bytes (EFBIG beyond). What is no regular file is an error
/// (EINVAL) and never waited for: a pipe that nobody writes to would hold up the program for ever.
[[nodiscard]] Result<std::string> read_regular_file(const std::string& path, std::size_t limit);
/// The same below a root, for files that people write.
[[nodiscard]] Result<std::string> read_regular_file(const Root& root, const std::string& path,
                                                    std::size_t limit = 1U << 20U);

/// The names in a directory; none where it cannot be read.
[[nodiscard]] std::vector<std::string> names_in(const Root& root, const std::string& directory);

} // namespace vfio_early
