// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/virtual_functions.hpp"

#include "early/act/executor.hpp"
#include "early/act/function_progress.hpp"

#include <algorithm>
#include <iterator>

namespace vfio_early {

namespace {

Outcome failed(const PlannedVfs& vfs, std::string trouble)
{
    Outcome outcome = kept_outcome(vfs);
    outcome.kind = Outcome::Kind::failed;
    outcome.driver.clear();
    outcome.detail = std::move(trouble);
    outcome.state = Outcome::State::released;
    return outcome;
}

/// Those that the native driver is to have after all. While drivers were kept away, a probe did nothing.
void offer_to_native_drivers(const Report& done, Kernel& kernel)
{
    for (const Outcome& outcome : done.outcomes) {
        const bool released = outcome.kind == Outcome::Kind::refused ||
                              (outcome.kind == Outcome::Kind::failed && outcome.state == Outcome::State::released);
        if (released && outcome.address)
            static_cast<void>(kernel.probe(*outcome.address)); // the outcome says already that it is not bound
    }
}

void add(Report& report, Report more)
{
    std::ranges::move(more.outcomes, std::back_inserter(report.outcomes));
    std::ranges::move(more.warnings, std::back_inserter(report.warnings));
    std::ranges::move(more.notes, std::back_inserter(report.notes));
}

/// The function's own outcome; what became of the virtual functions goes to `done`.
Outcome create_and_bind(const PlannedVfs& vfs, Kernel& kernel, const VfsPlanner& plan_for, Report& done)
{
    if (vfs.enabled == 0) {
        if (const auto created = kernel.create_vfs(vfs.address, vfs.count); !created)
            return failed(vfs, trouble_text("create " + vfs_text(vfs.count), created.error()));
    }
    const auto plan = plan_for(vfs);
    if (!plan)
        return failed(vfs, trouble_text("look at its virtual functions", plan.error()));
    done = execute(*plan, kernel);
    Outcome outcome = kept_outcome(vfs);
    outcome.detail += vfs.enabled == 0 ? " created" : " were there";
    return outcome;
}

void create(const PlannedVfs& vfs, Kernel& kernel, const VfsPlanner& plan_for, Report& report)
{
    if (vfs.native_driver.empty()) {
        report.outcomes.push_back(kept_outcome(vfs));
        return;
    }
    // pci_device_can_probe(), drivers/pci/pci-driver.c: only what is pinned may then be probed.
    const auto allowed_before = kernel.let_vfs_probe(vfs.address, false);
    if (!allowed_before) {
        report.outcomes.push_back(
            failed(vfs, trouble_text("keep drivers from virtual functions", allowed_before.error())));
        return;
    }
    Report done;
    report.outcomes.push_back(create_and_bind(vfs, kernel, plan_for, done));
    if (*allowed_before) {
        if (const auto restored = kernel.let_vfs_probe(vfs.address, true); !restored)
            done.warnings.push_back(vfs.address.text() + " " +
                                    trouble_text("let drivers have virtual functions again", restored.error()));
        offer_to_native_drivers(done, kernel);
    }
    add(report, std::move(done));
}

} // namespace

void create_virtual_functions(const Plan& plan, Kernel& kernel, const VfsPlanner& plan_for, Report& report)
{
    for (const PlannedVfs& vfs : plan.virtual_functions)
        create(vfs, kernel, plan_for, report);
}

} // namespace vfio_early
