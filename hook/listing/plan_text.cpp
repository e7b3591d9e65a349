// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/listing/plan_text.hpp"

namespace vfio_early {
namespace {

std::string refused_line(const RefusedFunction& refused)
{
    return "refuse " + refused.subject + (refused.id.empty() ? "" : " " + refused.id) + " " +
           std::string(refusal_word(refused.refusal)) + ": " + refused.detail + " (" + refused.where.short_text() + ")";
}

} // namespace

std::string plan_text(const Plan& plan)
{
    std::string text;
    for (const PlannedFunction& function : plan.functions) {
        text += "bind " + function.address.text() + " " + function.ids.id_text() + " to " + function.driver + ": " +
                function.reason + " (" + function.where.short_text() + ")\n";
    }
    for (const PlannedVfs& vfs : plan.virtual_functions) {
        text += "create " + std::to_string(vfs.count) + " virtual functions of " + vfs.address.text() + " for " +
                vfs.driver + " (" + vfs.where.short_text() + ")\n";
    }
    for (const RefusedFunction& function : plan.refused)
        text += refused_line(function) + "\n";
    for (const std::string& warning : plan.warnings)
        text += "warning: " + warning + "\n";
    unsigned number = 0;
    for (const Step& step : plan.steps)
        text += std::to_string(++number) + ". " + step.text() + "\n";
    return text;
}

} // namespace vfio_early
