// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace vfio_early::boot_test {

/// The content of a file, or an empty string if it cannot be read. Works for sysfs and procfs, whose
/// sizes are not known beforehand.
std::string read_file(const std::string& path);

/// One line a PCI function: address, vendor:device, class, driver, driver_override, IOMMU group, separated by
/// tabs; what is absent is empty. Read from sysfs alone, never from what the tested program says.
std::string list_pci();

/// One line an IOMMU group that has a VFIO node: its number, a tab, and `viable`, `not viable` or the error of
/// asking (VFIO_GROUP_GET_STATUS, include/uapi/linux/vfio.h).
std::string list_groups();

/// All records of /dev/kmsg as the kernel gives them, separated by NUL bytes.
std::string read_kernel_log();

/// Names of the loaded modules, one a line.
std::string list_modules();

} // namespace vfio_early::boot_test
