// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/diagnostic.hpp"
#include "early/model/pci.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What the kernel command line asks of us. Every vfio_early. word may also be written rd.vfio_early.
struct BootRequest {
    enum class Mode { normal, dry_run, off };
    Mode mode = Mode::normal;
    std::vector<std::string> profiles;   ///< vfio_early.profile=A,B
    std::vector<AddressPattern> skip;    ///< vfio_early.skip=
    std::vector<AddressPattern> bind;    ///< vfio_early.bind=
    bool debug = false;                  ///< vfio_early.debug
    std::vector<std::string> blacklist;  ///< modprobe.blacklist=, module_blacklist=, blacklist=; '_' for '-'
    std::vector<IdPattern> vfio_pci_ids; ///< vfio-pci.ids=: what the module will take by itself
    std::vector<Diagnostic> warnings;    ///< words of ours that could not be understood
};

/// Reads /proc/cmdline: words parted by white space, double quotes as the kernel's next_arg() in
/// lib/cmdline.c reads them; '-' and '_' are the same in names (parameqn() in kernel/params.c).
/// A word of ours that is wrong is a warning, and `off` wins over everything.
[[nodiscard]] BootRequest parse_boot_request(std::string_view command_line);

/// The words of a kernel command line, quotes taken away. Words after a bare "--" are init's and left out.
[[nodiscard]] std::vector<std::string> command_line_words(std::string_view command_line);

} // namespace vfio_early
