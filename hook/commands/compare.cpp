// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/fleet/comparison.hpp"
#include "hook/fleet/host_facts.hpp"
#include "hook/ui/json.hpp"
#include "hook/ui/report_error.hpp"

#include <fmt/format.h>
#include <ostream>
#include <set>

namespace vfio_early {

namespace {

void print_differences(const std::vector<Difference>& differences, std::size_t hosts, Console& console)
{
    std::string last;
    std::size_t off = 0;
    for (const Difference& difference : differences) {
        if (difference.host != last) {
            console.out << printable(difference.host) << '\n';
            last = difference.host;
            ++off;
        }
        const auto shown = [&](const std::string& value) {
            return !value.empty() ? value : difference.fact == "id" ? "not there" : "none";
        };
        console.out << printable(fmt::format("    {} {}: {}; {} of {} have {}", difference.subject, difference.fact,
                                             shown(difference.value), difference.count, hosts, shown(difference.usual)))
                    << '\n';
    }
    console.out << fmt::format("{} of {} hosts differ\n", off, hosts);
}

nlohmann::ordered_json differences_json(const std::vector<Difference>& differences, std::size_t hosts)
{
    nlohmann::ordered_json json{{"schema", 1}, {"hosts", hosts}, {"differences", nlohmann::ordered_json::array()}};
    for (const Difference& difference : differences)
        json["differences"].push_back({{"host", difference.host},
                                       {"subject", difference.subject},
                                       {"fact", difference.fact},
                                       {"value", text_or_null(difference.value)},
                                       {"usual", text_or_null(difference.usual)},
                                       {"count", difference.count}});
    return json;
}

} // namespace

int run_compare(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] FILE FILE...",
        "Compares recordings of hosts that should be alike (see snapshot): kernel, firmware, product, state of\n"
        "the policy, and of each PCI function ids, group, driver, and what the boot did with it. Says which host\n"
        "differs from most of them, and in what. Exit code 1 if one does.");
    line.add_flag("json", "print JSON");
    line.allow_operands(-1);
    line.parse();
    if (line.operands().size() < 2)
        return line.usage_error("at least two recordings are needed");
    std::set<std::string> named;
    for (const std::string& file : line.operands())
        if (!named.insert(file).second)
            return line.usage_error(file + " is named twice");
    std::vector<HostFacts> hosts;
    for (const std::string& file : line.operands())
        hosts.push_back(or_end(
            read_host_facts(file, open_host({.root = "/", .policy = {}, .machine = file}, console).root), console));
    const auto differences = find_differences(hosts);
    if (line.has("json"))
        print_json(differences_json(differences, hosts.size()), console);
    else
        print_differences(differences, hosts.size(), console);
    return differences.empty() ? exit_ok : exit_refused;
}

} // namespace vfio_early
