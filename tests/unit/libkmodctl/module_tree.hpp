// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "libkmodctl/modules.hpp"
#include "tests/support/temporary_tree.hpp"

#include <string>

namespace libkmodctl {

/// A module tree of a root of its own in a temporary folder: the fake modules, one built-in module, and the
/// indexes that the real depmod makes of them. Gone with the object.
class ModuleTree {
public:
    /// Throws std::runtime_error where depmod fails.
    ModuleTree();

    /// Writes ROOT/etc/modprobe.d/NAME.
    void configure(const std::string& name, const std::string& text) const;
    /// Runs depmod again, after a change below modules_dir().
    void index() const;

    [[nodiscard]] std::string modules_dir() const { return tree_.path() + "/lib/modules/6.1.0-test"; }
    /// For this tree and its modprobe.d.
    [[nodiscard]] Options options(bool live = false) const;
    /// Modules::open(options()), which must succeed.
    [[nodiscard]] Modules open(bool live = false) const;

private:
    vfio_early::test::TemporaryTree tree_;
};

/// "vfio_pci: insert /lib/modules/…/vfio-pci.ko: Operation not permitted"
[[nodiscard]] std::string message(const ModuleError& error);

} // namespace libkmodctl
