// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/system/root.hpp"
#include "libkmodctl/modules.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vfio_early {

struct ModuleTree {
    std::string path;    ///< "lib/modules/6.1.0-30-amd64", below the root
    std::string release; ///< "6.1.0-30-amd64"
    bool live = false;   ///< it is of the running kernel
};

/// The folder of modules of one kernel. `release` empty: of the running kernel, or on a root that is not live
/// the only one there is. Nothing if there is none (a kernel may have everything built in).
[[nodiscard]] std::optional<ModuleTree> find_module_tree(const Root& root, const std::string& release = {});

/// Modules of an image that came without them, in a tree of our own (`vfio-earlyctl overlay --kernel`): the indexes of
/// the image's own tree are its generator's, and an archive unpacked beside it could only replace them as a whole.
inline constexpr const char* added_modules = "usr/lib/vfio-early/modules";

/// The folder of that tree for the same kernel. Nothing if the image needs none.
[[nodiscard]] std::optional<ModuleTree> find_added_module_tree(const Root& root, const std::string& release = {});

/// What libkmod's index of that tree says, without modprobe.d: an alias line of the user's (`alias pci:... vfio-pci`)
/// hides what the kernel itself says. Nothing if there is no tree, or it cannot be opened.
[[nodiscard]] std::optional<libkmodctl::Modules> open_module_index(const Root& root, const std::string& release = {});

/// True if the kernel of this root runs the module, or was built with it: /sys/module, or a PCI driver of this name.
[[nodiscard]] bool runs_module(const Root& root, std::string_view module);

/// The catalog over libkmod, reading ROOT/lib/modules/RELEASE and what an overlay adds to it. `release` empty: of the
/// running kernel, or on a root that is not live the only directory there. Without a module tree the catalog answers
/// from /sys/module (live) and is otherwise empty: a kernel may have everything built in.
[[nodiscard]] std::unique_ptr<ModuleCatalog> open_module_catalog(const Root& root, const std::string& release = {});

} // namespace vfio_early
