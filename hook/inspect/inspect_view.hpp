// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/inspect/inspection.hpp"
#include "hook/ui/console.hpp"

#include <nlohmann/json.hpp>

namespace vfio_early {

/// One image for a person: what it is, who gets which function, what is wrong, and `remedy` (a command) if something
/// is.
void print_inspection(const Inspection& inspection, const std::string& remedy, Console& console);

/// "/boot/initrd.img-6.1.0-30-amd64: good: 2 functions are bound by vfio-early"
[[nodiscard]] std::string verdict_line(const Inspection& inspection);

/// The schema is described in vfio-earlyctl(8).
[[nodiscard]] nlohmann::ordered_json inspection_json(const Inspection& inspection);

} // namespace vfio_early
