// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/release.hpp"

#include "early/act/function_progress.hpp"
#include "early/model/guard_rules.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

namespace vfio_early {

namespace {

const Outcome* find_outcome(const Report& report, const Address& address)
{
    const auto found =
        std::ranges::find_if(report.outcomes, [&](const Outcome& outcome) { return outcome.address == address; });
    return found == report.outcomes.end() ? nullptr : &*found;
}

/// The report says that we took it, and have not given it back since.
bool taken_by_us(const Outcome* outcome)
{
    if (outcome == nullptr)
        return false;
    return outcome->kind == Outcome::Kind::bound || outcome->kind == Outcome::Kind::held ||
           (outcome->kind == Outcome::Kind::failed && outcome->state == Outcome::State::held);
}

/// A driver that holds a function for somebody else and does nothing with it.
bool is_holder(const std::string& driver)
{
    return is_vfio_driver(driver) || driver == "pci-stub";
}

/// One function on its way back.
struct Way {
    Release release;
    std::string trouble;

    void note(const std::string& doing, const Result<void>& result)
    {
        if (!result)
            trouble += (trouble.empty() ? "" : "; ") + trouble_text(doing, result.error());
    }
};

void let_go(Way& way, Kernel& kernel)
{
    const Address& address = way.release.function->address;
    way.note("clear the override", kernel.set_override(address, ""));
    const auto driver = kernel.bound_driver(address);
    if (driver && is_holder(*driver))
        way.note("unbind from " + *driver, kernel.unbind(address, *driver));
}

/// Those that cannot be loaded are left to the probe that follows: a driver may be there already.
void load_native_modules(const std::vector<Way>& ways, Kernel& kernel, const ModuleCatalog& modules)
{
    std::set<std::string> tried;
    for (const Way& way : ways) {
        for (const std::string& module : modules.modules_for(way.release.function->ids.modalias())) {
            if (is_vfio_driver(module) || !tried.insert(module).second)
                continue;
            if (const auto loaded = kernel.load_module(module, ""); !loaded) {
                // What counts is whether a driver takes the function, which is looked at below.
                continue;
            }
        }
    }
}

Outcome finish(Way& way, Kernel& kernel)
{
    const Function& function = *way.release.function;
    way.note("probe", kernel.probe(function.address));
    const auto driver = kernel.bound_driver(function.address);

    Outcome outcome;
    if (way.release.taken != nullptr)
        outcome = *way.release.taken;
    outcome.kind = Outcome::Kind::failed;
    outcome.subject = function.address.text();
    outcome.id = function.ids.id_text();
    outcome.address = function.address;
    outcome.driver.clear();
    outcome.viable.reset();
    const bool still_held = driver && is_holder(*driver);
    outcome.state = still_held ? Outcome::State::held : Outcome::State::released;
    if (!way.trouble.empty())
        outcome.detail = "release: " + way.trouble;
    else if (!driver || driver->empty())
        outcome.detail = "given back by vfio-early release; no native driver took it";
    else
        outcome.detail = "given back to " + *driver + " by vfio-early release";
    return outcome;
}

LogRecord record_of(const Outcome& outcome, const Way& way)
{
    constexpr int error_level = 3;
    constexpr int warning_level = 4;
    std::string text = "vfio-early: " + outcome.subject + " " + outcome.id + " " + outcome.detail;
    if (way.release.taken != nullptr)
        text += "; it was taken by " + way.release.taken->where.short_text();
    return {way.trouble.empty() ? warning_level : error_level, text};
}

} // namespace

bool can_hold_disks(const Ids& ids)
{
    constexpr std::uint8_t storage = 0x01;
    constexpr std::uint32_t sd_host = 0x0805;
    constexpr std::uint32_t usb = 0x0c03;
    constexpr std::uint32_t fibre_channel = 0x0c04;
    const std::uint32_t subclass = ids.class_code >> 8U;
    return ids.base_class() == storage || subclass == sd_host || subclass == usb || subclass == fibre_channel;
}

bool is_network(const Ids& ids)
{
    constexpr std::uint8_t network = 0x02;
    constexpr std::uint8_t wireless = 0x0d;
    constexpr std::uint32_t infiniband = 0x0c06;
    return ids.base_class() == network || ids.base_class() == wireless || ids.class_code >> 8U == infiniband;
}

std::vector<Release> choose_releases(const Machine& machine, const Report& report, const Options& options)
{
    std::vector<Release> releases;
    for (const Function& function : machine.functions) {
        const Outcome* outcome = find_outcome(report, function.address);
        if (options.pins && taken_by_us(outcome) && !function.driver_override.empty())
            releases.push_back({&function, outcome});
        if (options.pins)
            continue;
        const bool named = std::ranges::find(options.addresses, function.address) != options.addresses.end();
        const bool of_class = options.all || (options.storage && can_hold_disks(function.ids)) ||
                              (options.network && is_network(function.ids));
        const bool pinned = is_holder(function.driver) && function.driver_override == function.driver;
        const bool ours = taken_by_us(outcome) || pinned;
        if ((of_class && ours) || (named && (ours || is_holder(function.driver))))
            releases.push_back({&function, outcome});
    }
    return releases;
}

ReleaseResult release_functions(const std::vector<Release>& releases, const Report& report, Kernel& kernel,
                                const ModuleCatalog& modules)
{
    std::vector<Way> ways;
    ways.reserve(releases.size());
    for (const Release& release : releases)
        ways.push_back({release, {}});
    for (Way& way : ways)
        let_go(way, kernel);
    load_native_modules(ways, kernel, modules);

    ReleaseResult result;
    result.report = report;
    for (Way& way : ways) {
        Outcome outcome = finish(way, kernel);
        result.records.push_back(record_of(outcome, way));
        result.complete = result.complete && way.trouble.empty();
        const auto known = std::ranges::find_if(
            result.report.outcomes, [&](const Outcome& candidate) { return candidate.address == outcome.address; });
        if (known == result.report.outcomes.end())
            result.report.outcomes.push_back(std::move(outcome));
        else
            *known = std::move(outcome);
    }
    return result;
}

ReleaseResult unpin_functions(const std::vector<Release>& releases, const Report& report, Kernel& kernel)
{
    ReleaseResult result;
    result.report = report;
    for (const Release& release : releases) {
        const Function& function = *release.function;
        Way way{release, {}};
        way.note("clear the override", kernel.set_override(function.address, ""));
        Outcome outcome = *release.taken;
        outcome.id = function.ids.id_text();
        if (!way.trouble.empty())
            outcome.detail = "release: " + way.trouble;
        else if (function.driver.empty())
            outcome.detail = "override cleared; no driver has it";
        else
            outcome.detail = "override cleared; " + function.driver + " has it until the next boot";
        result.records.push_back(record_of(outcome, way));
        result.complete = result.complete && way.trouble.empty();
    }
    return result;
}

} // namespace vfio_early
