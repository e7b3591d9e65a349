// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/import/source.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What module options mean, wherever they are written: modprobe.d, a kernel command line, a list of modules.
namespace vfio_early {

/// True for vfio, vfio_pci, its variants and helpers, '_' for '-'.
[[nodiscard]] bool is_vfio_module(std::string_view module);
/// True for those, and for pci_stub and xen_pciback, which people use to keep functions free.
[[nodiscard]] bool takes_functions(std::string_view module);

/// True for a word of the kernel command line that gives vfio-pci or pci-stub its ids: "vfio-pci.ids=10de:128b".
[[nodiscard]] bool is_ids_word(std::string_view word);

/// The functions of an `ids=` list: VENDOR:DEVICE[:SUBVENDOR[:SUBDEVICE[:CLASS[:CLASS_MASK]]]], numbers as sscanf("%x")
/// reads them (vfio_pci_fill_ids() in drivers/vfio/pci/vfio_pci.c). Entries that are none are added to `broken`.
[[nodiscard]] std::vector<Wish> wishes_of_ids(std::string_view list, std::vector<std::string>& broken);

/// The functions of xen-pciback.hide=: "(0000:01:00.0)(02:00.*)" (pcistub_init() in
/// drivers/xen/xen-pciback/pci_stub.c).
[[nodiscard]] std::vector<Wish> wishes_of_hide(std::string_view list, std::vector<std::string>& broken);

/// Reads the options of `module`, for which takes_functions() is true, into `line` and settles its fate. The words are
/// parted and their quotes taken away as the kernel does it (next_arg() in lib/cmdline.c), to which kmod hands them on
/// as they are; a name without a value is a boolean.
void read_options(SourceLine& line, const std::string& module, std::string_view options);

} // namespace vfio_early
