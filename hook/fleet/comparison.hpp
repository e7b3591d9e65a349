// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace vfio_early {

/// What is compared of one host: by subject ("0000:01:00.0", "host") and name ("driver").
struct HostFacts {
    std::string name;
    std::map<std::string, std::map<std::string, std::string>> subjects;
};

/// Where a host is not as the others are.
struct Difference {
    std::string host;
    std::string subject;
    std::string fact;
    std::string value;     ///< empty: none; of the ids: the function is not there
    std::string usual;     ///< what most hosts have, likewise
    std::size_t count = 0; ///< how many have it
};

/// Holds each fact against what most hosts have; where as many have something else, against the host named first. What
/// is not known of a host is not compared. A function that is not there, or is another, is told once, without what
/// follows from it. The names of the hosts differ. Pure.
[[nodiscard]] std::vector<Difference> find_differences(const std::vector<HostFacts>& hosts);

} // namespace vfio_early
