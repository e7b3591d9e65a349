// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/report.hpp"
#include "early/system/root.hpp"

#include <vector>

namespace vfio_early {

/// Writes each record to /dev/kmsg through a descriptor of its own: the kernel limits a descriptor to 10 records in
/// 5 s (devkmsg_write() in kernel/printk/printk.c). Facility 3 (daemon), so that nobody takes it for the kernel's own
/// word. Where /dev/kmsg is missing the records go to standard error.
void write_kernel_log(const Root& root, const std::vector<LogRecord>& records);

/// "vfio-early: TEXT" on standard error, for whoever called the program wrongly.
void tell_caller(const std::string& text);

} // namespace vfio_early
