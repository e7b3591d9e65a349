// SPDX-License-Identifier: GPL-2.0-or-later
// What a plan and its steps are for a person.
#include "early/model/plan.hpp"

#include <array>

namespace vfio_early {
namespace {

/// In the order of Step::Kind.
constexpr std::array<std::string_view, 7> step_words{"pin", "evict", "load", "unbind", "set", "bind", "verify"};

std::string refused_text(const RefusedFunction& refused)
{
    return "refuse " + refused.subject + (refused.id.empty() ? "" : " " + refused.id) + " " +
           std::string(refusal_word(refused.refusal)) + ": " + refused.detail + " (" + refused.where.short_text() + ")";
}

} // namespace

std::string Step::text() const
{
    std::string text(step_words.at(static_cast<std::size_t>(kind)));
    if (address)
        text += " " + address->text();
    text += " " + subject;
    if (!options.empty())
        text += " " + options;
    return optional && kind == Kind::load ? text + " (if the kernel has it)" : text;
}

std::string Plan::text() const
{
    std::string text;
    for (const PlannedFunction& function : functions) {
        text += "bind " + function.address.text() + " " + function.ids.id_text() + " to " + function.driver + ": " +
                function.reason + " (" + function.where.short_text() + ")\n";
    }
    for (const PlannedVfs& vfs : virtual_functions) {
        text += "create " + std::to_string(vfs.count) + " virtual functions of " + vfs.address.text() + " for " +
                vfs.driver + " (" + vfs.where.short_text() + ")\n";
    }
    for (const RefusedFunction& function : refused)
        text += refused_text(function) + "\n";
    for (const std::string& warning : warnings)
        text += "warning: " + warning + "\n";
    unsigned number = 0;
    for (const Step& step : steps)
        text += std::to_string(++number) + ". " + step.text() + "\n";
    return text;
}

} // namespace vfio_early
