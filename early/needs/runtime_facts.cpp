// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/runtime_facts.hpp"

#include "early/model/text.hpp"
#include "early/needs/root_chain.hpp"
#include "early/needs/root_network.hpp"
#include "early/system/time_limit.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

ProtectStatement protection(const Address& address, Refusal guard, bool root, std::string because)
{
    ProtectStatement statement;
    statement.selector.address = parse_address_pattern(address.text());
    statement.guard = guard;
    statement.root = root;
    statement.because = std::move(because);
    statement.where.file = "this boot";
    return statement;
}

bool has_disks(const Root& root)
{
    const auto names = root.list("sys/block").value_or(std::vector<std::string>());
    return std::ranges::any_of(names, [&](const std::string& name) {
        const std::string link = root.read_link("sys/block/" + name).value_or("");
        return link.find("/virtual/block/") == std::string::npos;
    });
}

/// One line a function: "0000:01:00.0 root / is on nvme0n1p2"; "-" for what is not / itself.
std::string find_disks(const Root& root, const BootRequest& request)
{
    // Without what is written on the disks (root=UUID=...): libblkid would make this program, which every image
    // carries, a quarter larger, to learn again what the image step has found out with it and written into the image's
    // facts.
    std::string text;
    for (const NeededFunction& function : functions_behind_root(root, request, nullptr).functions)
        text += function.address.text() + (function.root ? " root " : " - ") + function.what + "\n";
    return text;
}

void add_disks(const Root& root, const Policy& policy, const BootRequest& request, std::vector<ProtectStatement>& facts)
{
    if (!has_disks(root))
        return;
    // A disk that fails can take minutes to say so.
    const auto found = work_with_limit(policy.timeout, [&] { return find_disks(root, request); });
    if (!found)
        return;
    for (const std::string_view line : split(*found, '\n')) {
        const auto words = split(line, ' ');
        if (words.size() < 3)
            continue;
        const auto what = static_cast<std::size_t>(words[2].data() - line.data());
        if (const auto address = parse_address(words[0]))
            facts.push_back(
                protection(*address, Refusal::root_disk, words[1] == "root", std::string(line.substr(what))));
    }
}

void add_network(const Root& root, const Machine& machine, const Policy& policy, const BootRequest& request,
                 std::vector<ProtectStatement>& facts)
{
    const NetworkRoot network = functions_behind_network_root(root, request);
    for (const NeededFunction& function : network.needed.functions)
        facts.push_back(protection(function.address, Refusal::root_nic, function.root, function.what));
    const bool known =
        !network.needed.functions.empty() || std::ranges::any_of(policy.protects, [](const ProtectStatement& fact) {
            return fact.guard == Refusal::root_nic;
        });
    if (!network.root_itself || known)
        return;
    for (const Function& function : machine.functions)
        if (is_network(function.ids) && !function.virtual_function)
            facts.push_back(protection(function.address, Refusal::root_nic, true,
                                       network.reason + ", and which card leads there is not known yet"));
}

} // namespace

std::vector<ProtectStatement> runtime_facts(const Root& root, const Machine& machine, const Policy& policy,
                                            const BootRequest& request)
{
    std::vector<ProtectStatement> facts;
    add_disks(root, policy, request, facts);
    add_network(root, machine, policy, request, facts);
    return facts;
}

} // namespace vfio_early
