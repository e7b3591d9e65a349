// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// The add-ons that systemd-stub(7) loads with a unified kernel image, in its order: those of /loader/addons of the
/// partition, then those of IMAGE.extra.d, each by name. `image` is a path below the root, and so are the answers. What
/// is no unified kernel image has none.
[[nodiscard]] std::vector<std::string> addons_of(const Root& root, const std::string& image);

/// True if the firmware of this machine checks signatures: the variable SecureBoot of the UEFI specification.
[[nodiscard]] bool secure_boot_is_on(const Root& root);

} // namespace vfio_early
