// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/machine/pci_directories.hpp"
#include "early/model/machine.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace vfio_early {

/// What is read of the functions only if a policy asks for it.
struct ScanOptions {
    bool serials = false;                    ///< Device Serial Numbers (extended configuration space, needs root)
    bool vfs = false;                        ///< how many virtual functions each could have
    std::chrono::milliseconds limit{10'000}; ///< for reading all serial numbers
};

/// Looks once at every PCI function below /sys/bus/pci/devices. A function that goes away while it is
/// read is left out; an attribute that cannot be read leaves its value empty. Fails only if the directory
/// itself cannot be read (no PCI, or sysfs not mounted).
[[nodiscard]] Result<Machine> scan_pci(PciDirectories& directories, ScanOptions options = {});
/// The same, for who has nothing more to do with the functions.
[[nodiscard]] Result<Machine> scan_pci(const Root& root, ScanOptions options = {});

/// Adds the PCI functions that a device of any kind hangs from to `functions`, each once, the nearest to the root bus
/// first. `link` is where sysfs says that the device is:
/// "../../devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0". Bridges are left out; behind VMD there are two
/// functions, the VMD controller being one.
void add_pci_ancestors(const Root& root, std::string_view link, std::vector<Address>& functions);

/// The pure halves of the scan, for tests and fuzzers.
/// Fills ids and driver from the `uevent` attribute (pci_uevent(), drivers/pci/pci-driver.c).
void read_uevent(std::string_view uevent, Function& function);
/// Fills header type, and what uevent left empty, from the first 64 bytes of `config`.
void read_config(std::string_view config, Function& function);
/// The Device Serial Number out of 4096 bytes of `config`; nothing if there is none, or the capability list is broken.
[[nodiscard]] std::optional<std::uint64_t> serial_from_config(std::string_view config);
/// The BARs that are memory out of the lines of `resource`, by number; nothing for others.
[[nodiscard]] std::array<std::optional<MemoryRange>, 6> memory_bars(std::string_view resource);
/// The path out of a link target like "../../../devices/pci0000:00/0000:00:01.1/0000:01:00.0".
[[nodiscard]] std::optional<Path> path_from_link(std::string_view target);
/// A line of /proc/iomem: who has which memory. Nothing where the kernel hides the addresses (no CAP_SYS_ADMIN).
struct MemoryHolder {
    MemoryRange range;
    std::string_view name; ///< "0000:01:00.0", "efifb"
};
[[nodiscard]] std::optional<MemoryHolder> parse_iomem_line(std::string_view line);
/// True for what the kernel calls the memory of a framebuffer of the firmware.
[[nodiscard]] bool is_framebuffer_name(std::string_view name);
/// The firmware's framebuffers out of /proc/iomem ("BOOTFB", "efifb", "simplefb", "vesafb").
[[nodiscard]] std::vector<MemoryRange> framebuffers_from_iomem(std::string_view iomem);

} // namespace vfio_early
