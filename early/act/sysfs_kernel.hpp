// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"
#include "early/machine/module_catalog.hpp"
#include "early/machine/pci_directories.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// The running kernel, through sysfs, libkmod and VFIO. `directories` must outlive it. Each effect is one write to one
/// attribute (Documentation/ABI/testing/sysfs-bus-pci).
class SysfsKernel final : public Kernel {
public:
    /// `blacklist`: modules that are not to be loaded, from the kernel command line ('_' for '-').
    explicit SysfsKernel(PciDirectories& directories, std::vector<std::string> blacklist = {})
        : directories_(directories), root_(directories.root()), blacklist_(std::move(blacklist))
    {
    }

    Result<void> set_override(const Address& function, const std::string& driver) override;
    Result<void> load_module(const std::string& module, const std::string& options) override;
    Result<std::string> configured_options(const std::string& module) override;
    Result<std::string> driver_of_module(const std::string& module) override;
    Result<void> unbind(const Address& function, const std::string& driver) override;
    Result<void> probe(const Address& function) override;
    Result<void> bind(const Address& function, const std::string& driver) override;
    Result<std::string> bound_driver(const Address& function) override;
    Result<void> evict_framebuffer(const Address& function, const std::string& device) override;
    Result<void> apply(const Address& function, const DeviceSetting& setting) override;
    Result<std::string> group_of(const Address& function) override;
    Result<std::optional<bool>> group_viable(unsigned group) override;
    Result<bool> let_vfs_probe(const Address& function, bool allowed) override;
    Result<void> create_vfs(const Address& function, unsigned count) override;
    /// Here it does wait: see run_with_limit().
    void release_later(const Address& function, const std::string& driver) override;

private:
    [[nodiscard]] Result<libkmodctl::Modules> open_modules(const ModuleTree& tree) const;
    /// The tree that has the module: that of the image, else the added one; the image's if neither has it.
    [[nodiscard]] Result<libkmodctl::Modules*> modules_with(const std::string& module);

    PciDirectories& directories_;
    const Root& root_;
    std::vector<std::string> blacklist_;
    // Opened when first needed.
    std::optional<libkmodctl::Modules> modules_;
    std::optional<libkmodctl::Modules> added_modules_;
};

} // namespace vfio_early
