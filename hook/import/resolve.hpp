// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/matcher.hpp"
#include "hook/host/pci_names.hpp"
#include "hook/import/source.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vfio_early {

/// The machine that the lines are for.
struct ImportContext {
    const Matcher& matcher;
    const PciNames& names;
    std::string host_name;       ///< empty: unknown; lines for other hosts of a Proxmox cluster are then not told apart
    bool xen = false;            ///< it runs below Xen
    std::set<Address> covered{}; ///< what the policy takes already
    std::map<std::string, std::set<std::string>> options{}; ///< by module, what it says of modules already
};

/// Lines for the policy that belong together: comments, then one statement.
struct PolicyBlock {
    std::vector<std::string> lines;
    std::vector<Address> functions{}; ///< that the statement takes on this machine; empty for `set`
};

struct Imported {
    std::vector<PolicyBlock> blocks;
    std::vector<SourceLine> lines;  ///< with what is to become of each on this machine
    std::vector<std::string> notes; ///< what the reader should know
};

/// Turns what the lines want into statements that are pinned to the functions this machine has, and decides what
/// is to become of each line. Pure.
[[nodiscard]] Imported resolve_import(std::vector<SourceLine> lines, const ImportContext& context);

/// The parts of resolve_import().
namespace import_parts {

/// Functions that are wanted, and by which lines.
struct Wanted {
    std::set<Address> functions{};
    std::set<std::string> origins{}; ///< where those lines are, for the comment
    std::string driver = "auto";
};

/// "# from FILE:LINE, FILE:LINE", some of them named.
[[nodiscard]] std::string origin_comment(const std::set<std::string>& origins);

/// The block of one slot; `wanted` names functions of it.
[[nodiscard]] PolicyBlock pinned_block(const Wanted& wanted, const ImportContext& context);

/// What wishes without an address take, all of them together, as the kernel's ids= does: cards that are there once
/// are pinned, identical cards get one statement with `all`.
void resolve_by_identity(const std::vector<std::pair<const Wish*, SourceLine*>>& wishes, const ImportContext& context,
                         std::map<Address, Wanted>& slots, Imported& imported);

/// Of several ids= options of one module only the last holds, that of the kernel command line last of all: the others
/// want nothing, and may go.
void leave_overruled_ids(std::vector<SourceLine>& lines);

/// Decides about the lines that keep modules from loading; `taken` is what the policy takes after the import.
void settle_blacklists(std::vector<SourceLine>& lines, const std::set<Address>& taken, const ImportContext& context);

} // namespace import_parts

} // namespace vfio_early
