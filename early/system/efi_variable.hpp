// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace vfio_early {

/// Loads a module by name.
using ModuleLoader = std::function<Result<void>(const std::string& module)>;

/// True if the machine was booted by EFI firmware (Documentation/filesystems/efivarfs.rst).
[[nodiscard]] bool booted_by_efi(const Root& root);

/// Sees to it that variables can be reached: where nothing is mounted on /sys/firmware/efi/efivars, mounts it, and
/// loads the module by `load` where the kernel says that it knows no such file system. Does nothing on a
/// root that is not live. ENODEV, EOPNOTSUPP: there is no module, or the firmware offers no variables.
[[nodiscard]] Result<void> mount_efi_variables(const Root& root, const ModuleLoader& load);

/// The data of a variable, its attributes left out. `name` has the vendor's GUID in it ("Name-01234567-..."). ENOENT:
/// there is none.
[[nodiscard]] Result<std::string> read_efi_variable(const Root& root, const std::string& name);

/// Makes or replaces a variable that is kept over a reboot, by one write(2) of attributes and data, which the
/// kernel hands to the firmware as a whole (efivarfs_file_write() in fs/efivarfs/file.c). The kernel makes such
/// files immutable; the flag is taken away for the write and put back.
[[nodiscard]] Result<void> write_efi_variable(const Root& root, const std::string& name, std::string_view data);

} // namespace vfio_early
