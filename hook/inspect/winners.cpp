// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/winners.hpp"

#include "early/model/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <set>

namespace vfio_early {

namespace {

const PlannedFunction* planned_in(const Plan& plan, const Address& address)
{
    const auto found = std::ranges::find(plan.functions, address, &PlannedFunction::address);
    return found != plan.functions.end() ? &*found : nullptr;
}

const PlannedVfs* vfs_in(const Plan& plan, const Address& address)
{
    const auto found = std::ranges::find(plan.virtual_functions, address, &PlannedVfs::address);
    return found != plan.virtual_functions.end() ? &*found : nullptr;
}

const RefusedFunction* refused_in(const Plan& plan, const Address& address)
{
    const auto found = std::ranges::find(plan.refused, std::optional(address), &RefusedFunction::address);
    return found != plan.refused.end() ? &*found : nullptr;
}

/// The virtual functions that will be created, and by whose policy. In the image only a native driver that is built in
/// has its function when vfio-early runs; else the udev rule of the system creates them, by the policy of now.
const PlannedVfs* created_vfs(const VerdictInput& input, const Function& function)
{
    const bool at_once = !function.driver.empty() && input.image.hook.program && !input.image.hook.started_by.empty();
    const PlannedVfs* inside = at_once ? vfs_in(*input.inside, function.address) : nullptr;
    return inside != nullptr ? inside : vfs_in(*input.now, function.address);
}

/// The functions that either plan speaks of: to have them, to refuse them, or to give them virtual ones.
std::set<Address> spoken_of(const VerdictInput& input)
{
    std::set<Address> addresses;
    for (const Plan* plan : {input.now, input.inside}) {
        for (const PlannedFunction& planned : plan->functions)
            addresses.insert(planned.address);
        for (const RefusedFunction& refused : plan->refused)
            if (refused.address)
                addresses.insert(*refused.address);
        for (const PlannedVfs& vfs : plan->virtual_functions) {
            const Function* function = input.machine->find(vfs.address);
            if (function != nullptr && created_vfs(input, *function) != nullptr)
                addresses.insert(vfs.address);
        }
    }
    return addresses;
}

/// Why the image's program does not have the function although its policy says so; empty: it has it.
std::string lost_race(const ImageFacts& image, const Winner& winner)
{
    if (!image.hook.program)
        return "vfio-early is not in the image";
    if (image.hook.started_by.empty())
        return "nothing in the image starts vfio-early";
    if (image.hook.too_late && !winner.native_in_image.empty())
        return fmt::format("{} is loaded before vfio-early runs", winner.native_in_image.front());
    return {};
}

std::string refused_text(const RefusedFunction& refused)
{
    return fmt::format("refused: {}{}", refusal_word(refused.refusal),
                       refused.detail.empty() ? "" : ": " + refused.detail);
}

void decide_vfs(Winner& winner, const PlannedVfs& vfs, const PlannedVfs* now)
{
    if (winner.driver.empty()) {
        winner.why = "without a native driver it gets no virtual functions";
        return;
    }
    winner.vfs = vfs.count;
    winner.why = "kept, with " + vfs_text(vfs.count) + " for " + vfs.driver;
    winner.ours = now != nullptr && now->count == vfs.count && now->driver == vfs.driver;
    if (!winner.ours)
        winner.why += ": the image's policy says so, the one of now does not";
}

void decide(Winner& winner, const VerdictInput& input, const Function& function)
{
    const PlannedFunction* now = planned_in(*input.now, winner.address);
    const PlannedFunction* inside = planned_in(*input.inside, winner.address);
    const RefusedFunction* refused_now = refused_in(*input.now, winner.address);
    const RefusedFunction* refused_inside = refused_in(*input.inside, winner.address);
    std::string lost = inside != nullptr ? lost_race(input.image, winner) : "";
    const bool bound = inside != nullptr && lost.empty();
    // Bound although the policy of now does not say so is as wrong as the other way round.
    winner.ours = bound && now != nullptr && now->driver == inside->driver;

    const std::vector<std::string>& modules = winner.native_in_image.empty() ? winner.native : winner.native_in_image;
    const std::string native = !function.driver.empty() || modules.empty() ? function.driver : modules.front();
    const std::string& wanted = bound ? inside->driver : native;
    struct Case {
        bool holds;
        const std::string& driver;
        std::function<std::string()> why;
    };
    const Case cases[] = {
        // the first that holds decides
        {winner.ours, wanted, [&] { return inside->reason; }},
        {bound && refused_now != nullptr, wanted,
         [&] { return "the image's policy says so, that of now does not: " + refused_text(*refused_now); }},
        {bound && now == nullptr, wanted, [] { return "the image's policy says so, the one of now does not"; }},
        {bound, wanted, [&] { return "an image made now would bind it to " + now->driver; }},
        {inside != nullptr, native, [&] { return lost; }},
        {refused_inside != nullptr, native, [&] { return refused_text(*refused_inside); }},
        {true, native, [] { return "the image's policy does not name it"; }},
    };
    const Case& decided = *std::ranges::find(cases, true, &Case::holds);
    winner.driver = decided.driver;
    winner.why = decided.why();
    const PlannedVfs* vfs = inside == nullptr ? created_vfs(input, function) : nullptr;
    if (vfs != nullptr)
        decide_vfs(winner, *vfs, vfs_in(*input.now, winner.address));
}

} // namespace

std::vector<Winner> winners(const VerdictInput& input)
{
    std::vector<Winner> result;
    if (input.machine == nullptr || input.now == nullptr || input.inside == nullptr || input.kernel == nullptr)
        return result;
    for (const Address& address : spoken_of(input)) {
        const Function* function = input.machine->find(address);
        if (function == nullptr)
            continue;
        Winner winner;
        winner.address = address;
        winner.ids = function->ids;
        winner.native = input.kernel->modules_for(function->ids.modalias());
        std::ranges::copy_if(winner.native, std::back_inserter(winner.native_in_image),
                             [&input](const std::string& module) { return input.image.has_module(module); });
        decide(winner, input, *function);
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
