// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "hook/ui/diagnostic_view.hpp"
#include "tests/support/machine_builder.hpp"
#include "tests/support/simulated_kernel.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vfio_early::test {

/// Every module exists, and none is known for any device.
class EmptyCatalog final : public ModuleCatalog {
public:
    std::vector<std::string> modules_for(std::string_view) const override { return {}; }
    bool exists(std::string_view) const override { return true; }
    std::vector<std::string> dependencies(std::string_view) const override { return {}; }
    bool builtin(std::string_view) const override { return false; }
};

inline Function make_function_value(const std::string& address, Ids ids, unsigned group, const std::string& driver = {})
{
    Function function;
    function.address = parse_address(address).value();
    function.path = plain_path(function.address);
    function.ids = ids;
    function.group = group;
    function.driver = driver;
    return function;
}

/// A machine, a policy for it, and what make_plan() makes of both.
struct PlannedMachine {
    Machine machine;
    Plan plan;

    PlannedMachine(std::vector<Function> functions, const std::string& policy)
        : PlannedMachine(machine_of(std::move(functions)), policy)
    {
    }
    PlannedMachine(Machine the_machine, const std::string& policy) : machine(std::move(the_machine))
    {
        const std::vector<PolicyFile> files{{"/etc/vfio-early.conf", policy}};
        const ParsedPolicy parsed = parse_policy(files);
        EXPECT_TRUE(parsed.ok()) << (parsed.diagnostics.empty() ? "" : render(parsed.diagnostics.front()));
        plan = make_plan(parsed.policy, machine, {}, EmptyCatalog());
    }

    static Machine machine_of(std::vector<Function> functions)
    {
        Machine machine;
        machine.functions = std::move(functions);
        return machine;
    }

    /// The kernel as it is when the plan begins. A function that has no driver yet gets one called "native"
    /// as soon as it is probed without an override.
    [[nodiscard]] SimulatedKernel kernel() const
    {
        SimulatedKernel kernel;
        for (const Function& function : machine.functions)
            kernel.functions[function.address] = {function.driver,
                                                  function.driver_override,
                                                  function.driver.empty() ? "native" : function.driver,
                                                  function.group.value_or(0),
                                                  0,
                                                  false};
        if (machine.framebuffer_device)
            kernel.framebuffers.insert(machine.framebuffer_device->name);
        return kernel;
    }
};

constexpr Ids gpu_ids{0x10de, 0x128b, 0x1458, 0x36f6, 0x030000};
constexpr Ids other_gpu_ids{0x1002, 0x15d8, 0x1458, 0x0001, 0x030000};
constexpr Ids screen_ids{0x1002, 0x1586, 0x1458, 0x0001, 0x038000}; ///< a display that is no VGA
constexpr Ids audio_ids{0x10de, 0x0e0f, 0x1458, 0x36f6, 0x040300};
constexpr Ids nic_ids{0x8086, 0x10d3, 0x8086, 0x0000, 0x020000};

} // namespace vfio_early::test
