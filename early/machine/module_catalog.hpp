// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/system/root.hpp"

#include <memory>
#include <string>

namespace vfio_early {

/// The catalog over libkmod, reading ROOT/lib/modules/RELEASE and what an overlay adds to it. `release` empty: of the
/// running kernel, or on a root that is not live the only directory there. Without a module tree the catalog answers
/// from /sys/module (live) and is otherwise empty: a kernel may have everything built in.
[[nodiscard]] std::unique_ptr<ModuleCatalog> open_module_catalog(const Root& root, const std::string& release = {});

} // namespace vfio_early
