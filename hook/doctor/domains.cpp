// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include "hook/edit/pin.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early::checks {

namespace {

bool has_function(const Domain& domain, const Address& address)
{
    return std::ranges::any_of(domain.functions, [&](const auto& entry) { return entry.first == address; });
}

/// The element that a domain needs to own the function.
std::string hostdev_element(const Address& address)
{
    return fmt::format("<hostdev mode=\"subsystem\" type=\"pci\" managed=\"yes\"><source><address domain=\"0x{:04x}\" "
                       "bus=\"0x{:02x}\" slot=\"0x{:02x}\" function=\"0x{:x}\"/></source></hostdev>",
                       address.domain, address.bus, address.device, address.function);
}

} // namespace

Findings forgotten_siblings(const Survey& survey)
{
    Findings findings;
    for (const Domain& domain : survey.domains) {
        std::set<Address> told;
        for (const auto& [address, line] : domain.functions) {
            const Function* function = survey.machine().find(address);
            if (function == nullptr || function->virtual_function)
                continue;
            for (const Function* other : companions(survey.machine(), *function)) {
                if (has_function(domain, other->address) || !told.insert(other->address).second)
                    continue;
                findings.push_back({.id = "domain-sibling-missing",
                                    // With a group of its own it does not keep the other from starting.
                                    .severity = other->group == function->group ? Severity::error : Severity::warning,
                                    .summary = fmt::format("The virtual machine {} has {}, but not {} of the same card",
                                                           domain.name, address.text(), other->address.text()),
                                    .evidence = {fmt::format("{}:{}: {}", domain.file, line, address.text()),
                                                 fmt::format("{} {} {}", other->address.text(), other->ids.id_text(),
                                                             other->driver.empty() ? "has no driver"
                                                                                   : "is driven by " + other->driver)},
                                    .remedy = {"virsh edit " + domain.name + ", and beside the other <hostdev> write:",
                                               hostdev_element(other->address)}});
            }
        }
    }
    return findings;
}

Findings domains_without_policy(const Survey& survey)
{
    Findings findings;
    for (const Domain& domain : survey.domains) {
        std::string addresses;
        for (const auto& [address, line] : domain.functions) {
            const Function* function = survey.machine().find(address);
            // What was never taken over is told by policy_missing().
            const bool refused = survey.policy.parsed.policy.binds.empty() ||
                                 std::ranges::any_of(survey.outlook.plan.refused, [&](const RefusedFunction& entry) {
                                     return entry.address == address;
                                 });
            if (function != nullptr && !function->virtual_function && !survey.takes(address) && !refused)
                addresses += " " + address.text();
        }
        if (addresses.empty())
            continue;
        findings.push_back(
            {.id = "domain-without-policy",
             .severity = Severity::warning,
             .summary = fmt::format("The virtual machine {} has functions that the policy leaves to the host's drivers",
                                    domain.name),
             .evidence = {fmt::format("{}:{}", domain.file, addresses)},
             .remedy = {"vfio-earlyctl add" + addresses}});
    }
    return findings;
}

} // namespace vfio_early::checks
