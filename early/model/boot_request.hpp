// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/model/recovery.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// A word of a kernel command line that is KEY=VALUE.
struct BootParameter {
    std::string key;
    std::string value;
};

/// What the kernel command line asks of us. Every vfio_early. word may also be written rd.vfio_early.
struct BootRequest {
    enum class Mode { normal, dry_run, off };
    Mode mode = Mode::normal;
    std::string off_because;           ///< mode off: the words for the log
    std::vector<std::string> profiles; ///< vfio_early.profile=A,B
    std::vector<AddressPattern> skip;  ///< vfio_early.skip=
    std::vector<AddressPattern> bind;  ///< vfio_early.bind=
    bool debug = false;                ///< vfio_early.debug
    RootSource root;
    std::chrono::seconds grace{10};        ///< vfio_early.grace=: how long root may be missing
    std::vector<std::string> blacklist;    ///< modprobe.blacklist=, module_blacklist=, blacklist=; '_' for '-'
    std::vector<IdPattern> vfio_pci_ids;   ///< vfio-pci.ids=: what the module will take by itself
    std::vector<BootParameter> parameters; ///< every word that is KEY=VALUE, whoever it is for
    std::vector<std::string> warnings;     ///< words of ours that could not be understood
};

/// Reads /proc/cmdline: words parted by white space, double quotes as the kernel's next_arg() in
/// lib/cmdline.c reads them; '-' and '_' are the same in names (parameqn() in kernel/params.c).
/// Who writes a word of ours at the boot menu wants to get out of trouble: a value of vfio_early= or vfio_early.skip=
/// that is not understood means off, and off wins over everything. Other words that are wrong are warnings.
/// A kernel that was started to save the memory of a crashed one (elfcorehdr=, Documentation/admin-guide/kdump) is off,
/// too: it has few devices to use, and they are in an unknown state.
[[nodiscard]] BootRequest parse_boot_request(std::string_view command_line);

/// The words of a kernel command line, quotes taken away. Words after a bare "--" are init's and left out.
[[nodiscard]] std::vector<std::string> command_line_words(std::string_view command_line);

} // namespace vfio_early
