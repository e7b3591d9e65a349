// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What the command line of vfio-early asks for. Read by hand: Boost.Program_options would make the static
/// program nearly twice as large.
struct Options {
    enum class Command { bind, release, recover, help, version };
    Command command = Command::help;
    std::string root = "/";
    // bind
    std::optional<std::string> policy; ///< instead of /etc/vfio-early.conf and its drop-ins
    bool dry_run = false;
    std::vector<Address> only; ///< empty: every function
    bool vfs = false;          ///< create virtual functions, and do nothing else
    // release
    bool storage = false;
    bool network = false;
    bool all = false;
    bool pins = false;         ///< clear overrides only
    bool root_holders = false; ///< what / may be on; only recover asks for these
    std::vector<Address> addresses;
    // recover; `network` says that root comes over the network
    bool watch = false; ///< look until root is there
    bool last = false;  ///< nobody will look again
};

/// Reads the arguments after the program's name; the error is one line for a person. Both `--root DIR` and
/// `--root=DIR` are understood.
[[nodiscard]] std::expected<Options, std::string> parse_options(std::span<const char* const> arguments);

/// The text of --help.
[[nodiscard]] std::string_view help_text();

} // namespace vfio_early
