// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/release.hpp"

#include "early/act/function_progress.hpp"
#include "early/model/driver_choice.hpp"

#include <set>

namespace vfio_early {

namespace {

/// A driver that holds a function for somebody else and does nothing with it.
bool is_holder(const std::string& driver)
{
    return is_vfio_driver(driver) || driver == "pci-stub";
}

/// What went wrong with one function, for a person.
using Trouble = std::string;

void note(Trouble& trouble, const std::string& doing, const Result<void>& result)
{
    if (!result)
        trouble += (trouble.empty() ? "" : "; ") + trouble_text(doing, result.error());
}

Trouble let_go(const Release& release, Kernel& kernel)
{
    const Address& address = release.function->address;
    Trouble trouble;
    note(trouble, "clear the override", kernel.set_override(address, ""));
    const auto driver = kernel.bound_driver(address);
    if (driver && is_holder(*driver))
        note(trouble, "unbind from " + *driver, kernel.unbind(address, *driver));
    return trouble;
}

/// One that cannot be loaded is left to the probe that follows: what counts is whether a driver takes the function.
void load_native_modules(const std::vector<Release>& releases, Kernel& kernel, const ModuleCatalog& modules)
{
    std::set<std::string> tried;
    for (const Release& release : releases)
        for (const std::string& module : modules.modules_for(release.function->ids.modalias()))
            if (!is_vfio_driver(module) && tried.insert(module).second)
                static_cast<void>(kernel.load_module(module, ""));
}

Outcome released_outcome(const Release& release, Outcome::State state, std::string detail)
{
    Outcome outcome = outcome_of(Outcome::Kind::failed, release.function->address, release.function->ids);
    outcome.group = release.function->group;
    outcome.state = state;
    outcome.detail = std::move(detail);
    return outcome;
}

void add(ReleaseResult& result, const Release& release, Outcome outcome, const Trouble& trouble)
{
    result.records.emplace_back(trouble.empty() ? LogRecord::warning : LogRecord::error,
                                outcome.subject + " " + outcome.id + " " + outcome.detail + "; it was taken by " +
                                    release.taken.where);
    result.complete = result.complete && trouble.empty();
    result.report.outcomes.push_back(std::move(outcome));
}

} // namespace

ReleaseResult release_functions(const std::vector<Release>& releases, Kernel& kernel, const ModuleCatalog& modules)
{
    std::vector<Trouble> troubles;
    for (const Release& release : releases)
        troubles.push_back(let_go(release, kernel));
    load_native_modules(releases, kernel, modules);

    ReleaseResult result;
    for (std::size_t index = 0; index < releases.size(); ++index) {
        const Release& release = releases[index];
        Trouble& trouble = troubles[index];
        note(trouble, "probe", kernel.probe(release.function->address));
        const auto driver = kernel.bound_driver(release.function->address);
        const bool still_held = driver && is_holder(*driver);
        std::string detail = "given back by vfio-early release; no native driver took it";
        if (!trouble.empty())
            detail = "release: " + trouble;
        else if (driver && !driver->empty())
            detail = "given back to " + *driver + " by vfio-early release";
        const auto state = still_held ? Outcome::State::held : Outcome::State::released;
        add(result, release, released_outcome(release, state, std::move(detail)), trouble);
    }
    return result;
}

ReleaseResult unpin_functions(const std::vector<Release>& releases, Kernel& kernel)
{
    ReleaseResult result;
    for (const Release& release : releases) {
        Trouble trouble;
        note(trouble, "clear the override", kernel.set_override(release.function->address, ""));
        const std::string& driver = release.function->driver;
        std::string detail = "override cleared; no driver has it";
        if (!trouble.empty())
            detail = "release: " + trouble;
        else if (!driver.empty())
            detail = "override cleared; " + driver + " has it until the next boot";
        add(result, release, released_outcome(release, Outcome::State::held, std::move(detail)), trouble);
    }
    return result;
}

} // namespace vfio_early
