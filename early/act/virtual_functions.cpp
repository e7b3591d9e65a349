// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/virtual_functions.hpp"

#include "early/act/executor.hpp"
#include "early/act/function_progress.hpp"

#include <algorithm>
#include <cerrno>
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

/// What keeping drivers away and creating them came to.
struct Creation {
    Result<bool> allowed_before = false; ///< drivers could have virtual functions
    Result<void> created;
};

Creation create(const PlannedVfs& vfs, Kernel& kernel)
{
    // pci_device_can_probe(), drivers/pci/pci-driver.c: only what is pinned may then be probed.
    Creation creation;
    creation.allowed_before = kernel.let_vfs_probe(vfs.address, false);
    if (creation.allowed_before && vfs.enabled == 0)
        creation.created = kernel.create_vfs(vfs.address, vfs.count);
    return creation;
}

std::string trouble_of(const PlannedVfs& vfs, const Creation& creation)
{
    if (!creation.allowed_before)
        return trouble_text("keep drivers from virtual functions", creation.allowed_before.error());
    return creation.created ? "" : trouble_text("create " + vfs_text(vfs.count), creation.created.error());
}

/// Lets drivers have virtual functions again, if they could before.
void let_drivers_in(const PlannedVfs& vfs, const Creation& creation, Kernel& kernel, Report& done)
{
    const bool still_creating = !creation.created && creation.created.error().code == ETIMEDOUT;
    if (!creation.allowed_before.value_or(false) || still_creating)
        return;
    if (const auto restored = kernel.let_vfs_probe(vfs.address, true); !restored)
        done.warnings.push_back(vfs.address.text() + " " +
                                trouble_text("let drivers have virtual functions again", restored.error()));
    offer_to_native_drivers(done, kernel);
}

void create_and_bind(const PlannedVfs& vfs, const RunOnKernel& run, const VfsPlanner& plan_for, Report& report)
{
    if (vfs.native_driver.empty()) {
        report.outcomes.push_back(kept_outcome(vfs));
        return;
    }
    Creation creation;
    run([&](Kernel& kernel) { creation = create(vfs, kernel); });
    std::string trouble = trouble_of(vfs, creation);
    Plan plan;
    if (trouble.empty()) {
        if (auto planned = plan_for(vfs))
            plan = std::move(*planned);
        else
            trouble = trouble_text("look at its virtual functions", planned.error());
    }
    Report done;
    run([&](Kernel& kernel) {
        done = execute(plan, kernel);
        let_drivers_in(vfs, creation, kernel, done);
    });
    if (trouble.empty()) {
        Outcome outcome = kept_outcome(vfs);
        outcome.detail += vfs.enabled == 0 ? " created" : " were there";
        report.outcomes.push_back(std::move(outcome));
    } else {
        report.outcomes.push_back(failed(vfs, std::move(trouble)));
    }
    add(report, std::move(done));
}

} // namespace

void create_virtual_functions(const Plan& plan, const RunOnKernel& run, const VfsPlanner& plan_for, Report& report)
{
    for (const PlannedVfs& vfs : plan.virtual_functions)
        create_and_bind(vfs, run, plan_for, report);
}

} // namespace vfio_early
