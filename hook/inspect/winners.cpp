// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/winners.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace vfio_early {

namespace {

const PlannedFunction* planned_in(const Plan& plan, const Address& address)
{
    const auto found = std::ranges::find(plan.functions, address, &PlannedFunction::address);
    return found != plan.functions.end() ? &*found : nullptr;
}

const RefusedFunction* refused_in(const Plan& plan, const Address& address)
{
    const auto found = std::ranges::find(plan.refused, std::optional(address), &RefusedFunction::address);
    return found != plan.refused.end() ? &*found : nullptr;
}

/// The functions that either plan speaks of.
std::set<Address> spoken_of(const Plan& now, const Plan& inside)
{
    std::set<Address> addresses;
    for (const Plan* plan : {&now, &inside}) {
        for (const PlannedFunction& planned : plan->functions)
            addresses.insert(planned.address);
        for (const RefusedFunction& refused : plan->refused) {
            if (refused.address)
                addresses.insert(*refused.address);
        }
    }
    return addresses;
}

/// Why the image's program does not have the function although its policy says so; empty: it has it.
std::string lost_race(const ImageFacts& image, const Winner& winner)
{
    if (!image.hook.program)
        return "vfio-early is not in the image";
    if (image.hook.place.empty())
        return "nothing in the image starts vfio-early";
    if (image.hook.too_late && !winner.native_in_image.empty())
        return fmt::format("{} is loaded before vfio-early runs", winner.native_in_image.front());
    return {};
}

std::string refused_text(const RefusedFunction& refused)
{
    return fmt::format(
        "refused: {}{}", refusal_word(refused.refusal), refused.detail.empty() ? "" : ": " + refused.detail);
}

void decide(Winner& winner, const VerdictInput& input)
{
    const PlannedFunction* now = planned_in(*input.now, winner.address);
    const PlannedFunction* inside = planned_in(*input.inside, winner.address);
    if (inside != nullptr) {
        winner.why = lost_race(input.image, winner);
        if (winner.why.empty()) {
            winner.driver = inside->hold ? "" : inside->driver;
            // Bound although the policy of now does not say so is as wrong as the other way round.
            winner.ours = now != nullptr && now->driver == inside->driver && now->hold == inside->hold;
            const RefusedFunction* refused = refused_in(*input.now, winner.address);
            if (winner.ours)
                winner.why = inside->reason;
            else if (refused != nullptr)
                winner.why = "the image's policy says so, that of now does not: " + refused_text(*refused);
            else if (now == nullptr)
                winner.why = "the image's policy says so, the one of now does not";
            else
                winner.why = now->hold ? "the policy of now keeps it without a driver"
                                       : "an image made now would bind it to " + now->driver;
            return;
        }
    } else if (const RefusedFunction* refused = refused_in(*input.inside, winner.address)) {
        winner.why = refused_text(*refused);
    } else {
        winner.why = "the image's policy does not name it";
    }
    if (!winner.native.empty())
        winner.driver = winner.native_in_image.empty() ? winner.native.front() : winner.native_in_image.front();
}

} // namespace

std::vector<Winner> winners(const VerdictInput& input)
{
    std::vector<Winner> result;
    if (input.machine == nullptr || input.now == nullptr || input.inside == nullptr || input.kernel == nullptr)
        return result;
    for (const Address& address : spoken_of(*input.now, *input.inside)) {
        const Function* function = input.machine->find(address);
        if (function == nullptr)
            continue;
        Winner winner;
        winner.address = address;
        winner.ids = function->ids;
        winner.native = input.kernel->modules_for(function->ids.modalias());
        std::ranges::copy_if(winner.native, std::back_inserter(winner.native_in_image),
            [&input](const std::string& module) { return input.image.has_module(module); });
        decide(winner, input);
        result.push_back(std::move(winner));
    }
    return result;
}

std::vector<std::string> ImageCatalog::modules_for(std::string_view modalias) const
{
    std::vector<std::string> modules = kernel_.modules_for(modalias);
    std::erase_if(modules, [this](const std::string& module) { return !image_.has_module(module); });
    return modules;
}

} // namespace vfio_early
