// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/compare.hpp"

#include "early/model/guard_rules.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

using State = FunctionStatus::State;

/// A function that the boot gave a driver, or kept without one.
void compare_settled(FunctionStatus& status, const Machine& now)
{
    const Function* function = status.outcome.address ? now.find(*status.outcome.address) : nullptr;
    if (function == nullptr) {
        status.state = State::changed;
        status.detail = "is no longer there";
        return;
    }
    status.driver = function->driver;
    // A report of a dry run has ids only where they were known.
    if (!status.outcome.id.empty() && function->ids.id_text() != status.outcome.id) {
        status.state = State::changed;
        status.detail = "is now " + function->ids.id_text();
    } else if (function->driver != status.outcome.driver) {
        status.state = State::changed;
        status.detail = function->driver.empty() ? "has no driver now" : "is driven by " + function->driver + " now";
    }
}

/// A function that keeps its native driver and has virtual functions.
void compare_kept(FunctionStatus& status, const Machine& now)
{
    const Function* function = now.find(*status.outcome.address);
    if (function != nullptr && function->vfs_enabled > 0)
        return;
    status.state = State::changed;
    if (function == nullptr)
        status.detail = "is no longer there";
    else
        status.detail =
            function->driver.empty() ? "has no driver, and so no virtual functions" : "has no virtual functions";
}

} // namespace

std::vector<FunctionStatus> compare_with_report(const Report& report, const Machine& now)
{
    std::vector<FunctionStatus> functions;
    for (const Outcome& outcome : report.outcomes) {
        FunctionStatus status;
        status.outcome = outcome;
        const Function* function = outcome.address ? now.find(*outcome.address) : nullptr;
        if (function != nullptr)
            status.driver = function->driver;
        switch (outcome.kind) {
        case Outcome::Kind::bound:
            if (report.mode == BootRequest::Mode::normal) // otherwise nothing was done that could have changed
                compare_settled(status, now);
            break;
        case Outcome::Kind::kept:
            if (report.mode == BootRequest::Mode::normal && outcome.address)
                compare_kept(status, now);
            break;
        case Outcome::Kind::refused:
            status.state = State::refused;
            break;
        case Outcome::Kind::failed:
            status.state = State::failed;
            break;
        }
        functions.push_back(std::move(status));
    }
    return functions;
}

std::vector<std::string> bound_since(const Report& report, const Machine& now)
{
    std::vector<std::string> texts;
    for (const Function& function : now.functions) {
        const bool ours = std::ranges::any_of(report.outcomes, [&](const Outcome& outcome) {
            return outcome.kind == Outcome::Kind::bound && outcome.address == function.address;
        });
        if (is_vfio_driver(function.driver) && !ours)
            texts.push_back(function.address.text() + " (" + function.driver + ")");
    }
    return texts;
}

bool all_is_well(const std::vector<FunctionStatus>& functions)
{
    return std::ranges::all_of(functions, [](const FunctionStatus& status) { return status.state == State::ok; });
}

} // namespace vfio_early
