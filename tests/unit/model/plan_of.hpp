// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "hook/ui/diagnostic_view.hpp"
#include "tests/support/machine_builder.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

/// What the tests of the plan share: machines, modules, and a plan as lists of text.
namespace vfio_early::test {

using Names = std::vector<std::string>;

inline constexpr std::uint32_t vga = 0x030000;
inline constexpr std::uint32_t audio = 0x040300;
inline constexpr std::uint32_t nvme = 0x010802;
inline constexpr std::uint32_t nic = 0x020000;
inline constexpr std::uint32_t sata = 0x010601;
inline constexpr std::uint32_t pci_bridge = 0x060400;

/// Two identical cards with audio, each in a group of its own, and an integrated display for the host.
inline MachineBuilder twin_cards()
{
    MachineBuilder machine;
    machine.add("00:02.0", "8086:3e92", vga).group(0);
    for (const char* bus : {"01", "03"}) {
        const std::string slot = std::string(bus) + ":00.";
        const std::string path = std::string(bus) == "01" ? "0000:00:01.0/00." : "0000:00:03.1/00.";
        const unsigned group = std::string(bus) == "01" ? 14 : 15;
        machine.add(slot + "0", "1002:67ff", vga).group(group).path(path + "0");
        machine.add(slot + "1", "1002:aae0", audio).group(group).path(path + "1");
    }
    return machine;
}

inline MapCatalog usual_modules()
{
    MapCatalog catalog;
    catalog.aliases = {{"pci:v00001002d000067FF*", "amdgpu"},
                       {"pci:v*bc04sc03i00*", "snd_hda_intel"},
                       {"pci:v*bc01sc08i02*", "nvme"},
                       {"pci:v*bc01sc06i01*", "ahci"},
                       {"pci:v00008086d000010D3*", "e1000e"}};
    return catalog;
}

inline Policy policy_of(const std::string& text)
{
    const PolicyFile file{"vfio-early.conf", text};
    ParsedPolicy parsed = parse_policy(std::span(&file, 1));
    EXPECT_TRUE(parsed.ok()) << (parsed.diagnostics.empty() ? "" : render(parsed.diagnostics.front()));
    return std::move(parsed.policy);
}

inline Plan plan_of(const std::string& policy, const Machine& machine, const std::string& command_line = "",
                    const MapCatalog& catalog = usual_modules())
{
    return make_plan(policy_of(policy), machine, parse_boot_request(command_line), catalog);
}

inline Plan plan_of(const std::string& policy, const MachineBuilder& machine, const std::string& command_line = "",
                    const MapCatalog& catalog = usual_modules())
{
    return plan_of(policy, machine.build(), command_line, catalog);
}

inline Names taken(const Plan& plan)
{
    Names names;
    for (const PlannedFunction& function : plan.functions)
        names.push_back(function.address.text() + " " + function.driver);
    return names;
}

inline Names refused(const Plan& plan)
{
    Names names;
    for (const RefusedFunction& function : plan.refused)
        names.push_back(function.subject + " " + std::string(refusal_word(function.refusal)));
    return names;
}

inline Names steps(const Plan& plan)
{
    Names texts;
    for (const Step& step : plan.steps)
        texts.push_back(step.text());
    return texts;
}

} // namespace vfio_early::test
