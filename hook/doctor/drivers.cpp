// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early::checks {

Findings built_in_drivers(const Survey& survey)
{
    Findings findings;
    for (const PlannedFunction& planned : survey.outlook.plan.functions) {
        if (planned.native_driver.empty())
            continue;
        findings.push_back(
            {.id = "built-in-driver",
             .severity = Severity::warning,
             .summary = fmt::format("{} is built into this kernel and has {} before vfio-early runs",
                                    planned.native_driver, planned.address.text()),
             .evidence = {fmt::format("the driver {} has no loadable module", planned.native_driver)},
             .remedy = {"Nothing needs to be done: vfio-early takes the function from it. A device that does not "
                        "survive that needs a kernel with the driver as a module."}});
    }
    return findings;
}

Findings framebuffer_owner(const Survey& survey)
{
    Findings findings;
    for (const Function* function : survey.wanted) {
        if (!is_display(function->ids) || !survey.machine().holds_firmware_framebuffer(*function))
            continue;
        const bool named = !survey.machine().firmware_framebuffers.empty();
        findings.push_back(
            {.id = "framebuffer-owner",
             .severity = Severity::warning,
             .summary = fmt::format(
                 "The firmware shows its picture on {}, which is to go to a virtual machine: the console goes "
                 "dark when it is bound",
                 function->address.text()),
             .evidence = {named ? "the firmware's framebuffer in /proc/iomem lies in its memory"
                                : "the kernel calls it the boot display (boot_vga)"},
             .remedy = {"In the firmware setup make another display the primary one, or",
                        "do without a console on this machine, and log in over the network."}});
    }
    return findings;
}

} // namespace vfio_early::checks
