// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

namespace vfio_early::test {

/// What `group` of an extended regular expression (regex(7)) stands for, wherever that matches; 0 is the whole. Not
/// std::regex, whose insides GCC 12 takes for uninitialized under the sanitizers.
[[nodiscard]] std::set<std::string> all_matches(const std::string& text, const std::string& pattern,
                                                std::size_t group = 0);

} // namespace vfio_early::test
