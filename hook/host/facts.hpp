// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/model/policy.hpp"
#include "early/system/root.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What is known of a machine when an image is built for it: which functions the host itself cannot do without.
struct Facts {
    SystemFacts image;
    std::vector<ProtectStatement> protects;
    std::string left_out; ///< why nothing could be found out; empty: something could
};

/// True if the PCI functions and block devices seen through `root` are those of the machine that will boot from
/// it: not from a chroot or a container. A root that is not live is a recording, and speaks for itself.
[[nodiscard]] bool tells_of_its_machine(const Root& root);

/// Asks the machine. Never fails: what cannot be found out is left out, and `left_out` says why.
[[nodiscard]] Facts collect_facts(const Root& root);

/// The native modules of each PCI function of the machine, as the kernel's own tree (`modules`) has them: the image's
/// has only a few. Bridges are left out.
[[nodiscard]] std::vector<SystemFacts::Native> native_modules(const Machine& machine, const ModuleCatalog& modules);

/// The facts as a policy file, the drop-in that an image carries.
[[nodiscard]] PolicyFile facts_file(const Facts& facts);

inline constexpr const char* facts_file_name = "/etc/vfio-early.conf.d/00-facts.conf";

} // namespace vfio_early
