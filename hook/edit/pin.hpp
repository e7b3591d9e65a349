// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/model/policy.hpp"
#include "hook/host/pci_names.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace vfio_early {

using Functions = std::vector<const Function*>;

/// What a card is: `function` and what goes to a virtual machine with it, its companions (are_companions()). A graphics
/// card is one whatever its groups are: the ACS override makes a group of each function.
/// In order of address, bridges left out.
[[nodiscard]] Functions companions(const Machine& machine, const Function& function);

/// The functions of the machine at these addresses.
[[nodiscard]] Functions functions_at(const Machine& machine, const std::set<Address>& addresses);
/// "0000:01:00.0, 0000:01:00.1"
[[nodiscard]] std::string address_list(const std::set<Address>& addresses);

/// "IOMMU group 7 goes to one virtual machine as a whole, or stays with the host: 0000:00:1f.3 Audio device, ...", and
/// whether another slot would help.
[[nodiscard]] std::string group_text(const Machine& machine, unsigned group, const PciNames& names);

/// True for a disk behind Intel's VMD: the kernel gives it a domain beyond those that firmware knows
/// (vmd_find_free_domain()).
[[nodiscard]] bool is_behind_vmd(const Function& function);
/// Why a virtual machine cannot have it alone.
[[nodiscard]] std::string behind_vmd_text(const Function& function, const Machine& machine);

/// A statement that takes just `functions` of one slot, and only while they are what they are now: path, ids,
/// subsystems. They must not be empty, nor be in two slots.
[[nodiscard]] BindStatement pinned_statement(const Machine& machine, std::span<const Function* const> functions);

/// "# 0000:01:00.0 VGA compatible controller: NVIDIA Corporation GK208B [GeForce GT 710]"
[[nodiscard]] std::string comment_of(const Function& function, const PciNames& names);
/// The address that such a comment begins with; nothing for any other line.
[[nodiscard]] std::optional<Address> commented_address(std::string_view line);

/// "/etc/vfio-early.conf:2": where a statement is.
[[nodiscard]] std::string location_text(const Location& where);

/// The comments and the statement, a line each.
[[nodiscard]] std::vector<std::string> pinned_lines(const BindStatement& statement,
                                                    std::span<const Function* const> functions, const PciNames& names);

} // namespace vfio_early
