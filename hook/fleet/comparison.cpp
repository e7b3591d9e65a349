// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/comparison.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace vfio_early {

namespace {

/// The fact that says which function it is: the others depend on it.
constexpr const char* identity = "id";

/// Nothing where it is not known of the host, which is then not compared. Only of a function that is not there it is
/// known that it has no ids.
std::optional<std::string> value_of(const HostFacts& host, const std::string& subject, const std::string& fact)
{
    const auto found = host.subjects.find(subject);
    if (found == host.subjects.end())
        return fact == identity ? std::optional<std::string>("") : std::nullopt;
    const auto value = found->second.find(fact);
    return value == found->second.end() ? std::nullopt : std::optional(value->second);
}

struct Usual {
    std::string value;
    std::size_t count = 0;
};

Usual usual_value(const std::vector<HostFacts>& hosts, const std::string& subject, const std::string& fact)
{
    std::map<std::string, std::size_t> counts;
    for (const HostFacts& host : hosts)
        if (const auto value = value_of(host, subject, fact))
            ++counts[*value];
    Usual usual;
    for (const HostFacts& host : hosts)
        if (const auto value = value_of(host, subject, fact); value && counts[*value] > usual.count)
            usual = {*value, counts[*value]};
    return usual;
}

void compare_subject(const std::vector<HostFacts>& hosts, const std::string& subject,
                     const std::set<std::string>& facts, std::vector<Difference>& differences)
{
    std::set<std::string> others; // hosts where this is something else
    const auto compare = [&](const std::string& fact) {
        const Usual usual = usual_value(hosts, subject, fact);
        for (const HostFacts& host : hosts) {
            const auto value = value_of(host, subject, fact);
            if (!value || *value == usual.value || others.contains(host.name))
                continue;
            if (fact == identity)
                others.insert(host.name);
            differences.push_back({host.name, subject, fact, *value, usual.value, usual.count});
        }
    };
    if (facts.contains(identity))
        compare(identity);
    for (const std::string& fact : facts)
        if (fact != identity)
            compare(fact);
}

} // namespace

std::vector<Difference> find_differences(const std::vector<HostFacts>& hosts)
{
    std::map<std::string, std::set<std::string>> subjects;
    for (const HostFacts& host : hosts)
        for (const auto& [subject, facts] : host.subjects)
            for (const auto& [fact, value] : facts)
                subjects[subject].insert(fact);
    std::vector<Difference> differences;
    for (const auto& [subject, facts] : subjects)
        compare_subject(hosts, subject, facts, differences);
    // by host, in the order of the command line; within it as found
    const auto place = [&](const Difference& difference) {
        return std::ranges::find(hosts, difference.host, &HostFacts::name) - hosts.begin();
    };
    std::ranges::stable_sort(differences, {}, place);
    return differences;
}

} // namespace vfio_early
