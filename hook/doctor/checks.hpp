// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/doctor/case.hpp"

#include <vector>

/// One function a check: it looks at the case and says what it found. find_findings() has them in a table.
namespace vfio_early::checks {

using Findings = std::vector<Finding>;

// iommu.cpp
[[nodiscard]] Findings iommu_off_in_firmware(const Case& the_case);
[[nodiscard]] Findings iommu_off_in_kernel(const Case& the_case);
[[nodiscard]] Findings virtualization_off(const Case& the_case);
// parameters.cpp
[[nodiscard]] Findings boot_parameters(const Case& the_case);
[[nodiscard]] Findings acs_override(const Case& the_case);
[[nodiscard]] Findings ids_on_command_line(const Case& the_case);
// old_ways.cpp
[[nodiscard]] Findings ids_without_early_loading(const Case& the_case);
[[nodiscard]] Findings needless_blacklists(const Case& the_case);
[[nodiscard]] Findings leftover_lines(const Case& the_case);
[[nodiscard]] Findings lines_not_understood(const Case& the_case);
[[nodiscard]] Findings unreadable_files(const Case& the_case);
[[nodiscard]] Findings leftover_hooks(const Case& the_case);
// domains.cpp
[[nodiscard]] Findings forgotten_siblings(const Case& the_case);
[[nodiscard]] Findings domains_without_policy(const Case& the_case);
// groups.cpp
[[nodiscard]] Findings groups_not_viable(const Case& the_case);
// drivers.cpp
[[nodiscard]] Findings built_in_drivers(const Case& the_case);
[[nodiscard]] Findings framebuffer_owner(const Case& the_case);
// policy.cpp
[[nodiscard]] Findings policy_missing(const Case& the_case);
[[nodiscard]] Findings policy_wrong(const Case& the_case);
[[nodiscard]] Findings refused_functions(const Case& the_case);
[[nodiscard]] Findings plan_warnings(const Case& the_case);
[[nodiscard]] Findings host_needs(const Case& the_case);
// network_root.cpp
[[nodiscard]] Findings network_root(const Case& the_case);
// images.cpp
[[nodiscard]] Findings images_without_us(const Case& the_case);
[[nodiscard]] Findings stale_images(const Case& the_case);

} // namespace vfio_early::checks
