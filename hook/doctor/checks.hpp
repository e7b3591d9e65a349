// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/doctor/survey.hpp"

#include <vector>

/// One function a check: it looks at the survey and returns what it found. find_findings() has them in a table.
namespace vfio_early::checks {

using Findings = std::vector<Finding>;

// iommu.cpp
[[nodiscard]] Findings iommu_off_in_firmware(const Survey& survey);
[[nodiscard]] Findings iommu_off_in_kernel(const Survey& survey);
[[nodiscard]] Findings virtualization_off(const Survey& survey);
// parameters.cpp
[[nodiscard]] Findings boot_parameters(const Survey& survey);
[[nodiscard]] Findings acs_override(const Survey& survey);
[[nodiscard]] Findings ids_on_command_line(const Survey& survey);
// old_ways.cpp
[[nodiscard]] Findings ids_without_early_loading(const Survey& survey);
[[nodiscard]] Findings needless_blacklists(const Survey& survey);
[[nodiscard]] Findings leftover_lines(const Survey& survey);
[[nodiscard]] Findings lines_not_understood(const Survey& survey);
[[nodiscard]] Findings unreadable_files(const Survey& survey);
[[nodiscard]] Findings leftover_hooks(const Survey& survey);
// domains.cpp
[[nodiscard]] Findings forgotten_siblings(const Survey& survey);
[[nodiscard]] Findings domains_without_policy(const Survey& survey);
// groups.cpp
[[nodiscard]] Findings groups_not_viable(const Survey& survey);
// drivers.cpp
[[nodiscard]] Findings built_in_drivers(const Survey& survey);
[[nodiscard]] Findings framebuffer_owner(const Survey& survey);
// kernel_limits.cpp
[[nodiscard]] Findings modules_not_signed(const Survey& survey);
[[nodiscard]] Findings denied_functions(const Survey& survey);
[[nodiscard]] Findings interrupts_not_remapped(const Survey& survey);
// policy.cpp
[[nodiscard]] Findings policy_missing(const Survey& survey);
[[nodiscard]] Findings policy_wrong(const Survey& survey);
[[nodiscard]] Findings refused_functions(const Survey& survey);
[[nodiscard]] Findings plan_warnings(const Survey& survey);
[[nodiscard]] Findings host_needs(const Survey& survey);
// network_root.cpp
[[nodiscard]] Findings network_root(const Survey& survey);
// images.cpp
[[nodiscard]] Findings images_without_us(const Survey& survey);
[[nodiscard]] Findings stale_images(const Survey& survey);

} // namespace vfio_early::checks
