// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"
#include "early/system/root.hpp"

#include <span>
#include <unordered_map>
#include <vector>

namespace vfio_early {

/// The directories of the PCI functions in sysfs, and the driver_override of each, opened once. What was looked at is
/// then what is written to: should another function come to the same address meanwhile, every access fails with ENOENT
/// or ENODEV. And the way there, two long paths with a link between them, is walked once. A process that is forked has
/// those that were open then.
class PciDirectories {
public:
    /// `root` must outlive it.
    explicit PciDirectories(const Root& root) : root_(root) {}

    [[nodiscard]] const Root& root() const { return root_; }

    /// The functions in /sys/bus/pci/devices, in order of address.
    [[nodiscard]] Result<std::vector<Address>> functions() const;
    /// An open directory (O_PATH), good until the next call. ENOENT: there is no such function.
    [[nodiscard]] Result<int> directory(const Address& function);
    /// The target of the function's link in /sys/bus/pci/devices, in `buffer`; empty if there is none.
    [[nodiscard]] std::string_view link(const Address& function, std::span<char> buffer);

    /// driver_override, open for reading and writing; good until the next call. EACCES, EROFS: as openat(2) says.
    [[nodiscard]] Result<const FileDescriptor*> driver_override(const Address& function);

private:
    [[nodiscard]] Result<int> devices();

    struct Opened {
        FileDescriptor directory;
        FileDescriptor driver_override;
    };
    [[nodiscard]] Result<Opened*> opened(const Address& function);

    const Root& root_;
    FileDescriptor devices_;                         ///< /sys/bus/pci/devices
    std::unordered_map<std::uint64_t, Opened> open_; ///< by Address::number()
    Opened last_;                                    ///< of a machine with more functions than are kept open
};

} // namespace vfio_early
