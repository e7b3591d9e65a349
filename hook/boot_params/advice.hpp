// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/boot_params/boot_loader.hpp"
#include "hook/host/policy_text.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What the kernel command line of a system needs, and what is to be done for it.
struct Advice {
    BootFacts facts;
    BootLoader loader;
    std::vector<ParameterChange> changes;
    std::vector<FileChange> files;

    [[nodiscard]] bool nothing_to_write() const;
    [[nodiscard]] bool something_required() const;
};

/// Looks at the machine, the policy and all other ways of binding. Files that cannot be read are added to `unreadable`.
/// `edit_grub`: words may be taken out of /etc/default/grub and other people's drop-ins, too.
[[nodiscard]] Result<Advice> find_advice(const Host& host, const PolicyText& policy,
                                         std::vector<std::string>& unreadable, bool edit_grub = false);

void print_advice(const Advice& advice, Console& console);

/// Changes the files and runs the boot loader's commands; below another root it only names them. Ends the command where
/// something fails.
void apply_advice(const Advice& advice, const Root& root, Console& console);

} // namespace vfio_early
