// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/all_matches.hpp"

#include <array>
#include <regex.h>
#include <stdexcept>

namespace vfio_early::test {

std::set<std::string> all_matches(const std::string& text, const std::string& pattern, std::size_t group)
{
    regex_t compiled{};
    if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NEWLINE) != 0)
        throw std::invalid_argument(pattern);
    std::set<std::string> found;
    std::array<regmatch_t, 4> groups{};
    const char* rest = text.c_str();
    while (::regexec(&compiled, rest, groups.size(), groups.data(), 0) == 0 && groups.front().rm_eo > 0) {
        const regmatch_t& wanted = groups.at(group);
        found.emplace(rest + wanted.rm_so, rest + wanted.rm_eo);
        rest += groups.front().rm_eo;
    }
    ::regfree(&compiled);
    return found;
}

} // namespace vfio_early::test
