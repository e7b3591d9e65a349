// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include "hook/edit/policy_change.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

using Check = checks::Findings (*)(const Survey&);

constexpr std::array all_checks{
    checks::virtualization_off,   checks::iommu_off_in_firmware,
    checks::iommu_off_in_kernel,  checks::interrupts_not_remapped,
    checks::unreadable_files,     checks::policy_wrong,
    checks::images_without_us,    checks::policy_missing,
    checks::refused_functions,    checks::denied_functions,
    checks::modules_not_signed,   checks::groups_not_viable,
    checks::boot_parameters,      checks::acs_override,
    checks::ids_on_command_line,  checks::ids_without_early_loading,
    checks::forgotten_siblings,   checks::domains_without_policy,
    checks::framebuffer_owner,    checks::built_in_drivers,
    checks::stale_images,         checks::leftover_hooks,
    checks::needless_blacklists,  checks::leftover_lines,
    checks::lines_not_understood, checks::plan_warnings,
    checks::network_root,         checks::host_needs,
};

} // namespace

bool Survey::takes(const Address& address) const
{
    return taken_functions(outlook.plan).contains(address);
}

bool Survey::wants(const Address& address) const
{
    return std::ranges::any_of(wanted, [&](const Function* function) { return function->address == address; });
}

std::vector<Finding> find_findings(const Survey& survey)
{
    std::vector<Finding> findings;
    for (const Check check : all_checks)
        for (Finding& finding : check(survey))
            findings.push_back(std::move(finding));
    std::ranges::stable_sort(findings, {}, &Finding::severity);
    return findings;
}

} // namespace vfio_early
