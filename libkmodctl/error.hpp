// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace libkmodctl {

/// Why a module is not there: what was being done, to which module, and what the kernel or libkmod said.
struct ModuleError {
    enum class Kind {
        missing,     ///< neither in the module tree nor built in; or there is no module tree at all
        blacklisted, ///< named by Options::blacklist
        refused,     ///< loading it would mean to run an `install` command, or the tree is not the live one
        failed,      ///< libkmod or the kernel failed; `code` tells how
    };
    Kind kind = Kind::failed;
    std::string module; ///< '_' for '-'; may be a dependency of the module asked for; empty if of no module
    std::string doing;  ///< what failed, with the file or command it failed on
    int code = 0;       ///< errno; 0 where no system call failed
};

} // namespace libkmodctl
