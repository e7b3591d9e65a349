// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// A range of physical addresses; both ends belong to it.
struct MemoryRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    auto operator<=>(const MemoryRange&) const = default;
    [[nodiscard]] bool overlaps(const MemoryRange& other) const { return first <= other.last && other.first <= last; }
};

/// True if a range of the one overlaps one of the other.
[[nodiscard]] bool overlap(std::span<const MemoryRange> left, std::span<const MemoryRange> right);

/// What sysfs tells of one PCI function.
struct Function {
    Address address;
    Path path;
    Ids ids;
    std::uint8_t header_type = 0;             ///< without the multi-function bit
    std::optional<unsigned> group;            ///< IOMMU group
    std::string driver;                       ///< the driver it is bound to; empty: none
    std::string driver_override;              ///< empty: none; read where the function has no driver
    bool virtual_function = false;            ///< an SR-IOV virtual function
    std::optional<Address> physical_function; ///< of a virtual function
    unsigned vfs_enabled = 0;                 ///< of a physical function
    unsigned vfs_possible = 0;                ///< sriov_totalvfs; 0: it has no SR-IOV; read only when asked for
    bool boot_vga = false;                    ///< the kernel calls it the boot display
    std::vector<MemoryRange> memory;          ///< its memory BARs; read for display controllers only
    std::optional<std::uint64_t> serial;      ///< Device Serial Number; read only when asked for
};

/// A member of an IOMMU group that is no PCI function, such as a platform device.
struct OtherMember {
    std::string name;   ///< "arm-smmu-v3.0.auto"
    std::string driver; ///< empty: none
};

/// The platform device that the kernel makes of the firmware's framebuffer: one at most (drivers/firmware/sysfb.c).
struct FramebufferDevice {
    std::string name;              ///< "efi-framebuffer.0"
    std::optional<Address> parent; ///< the function whose picture it is; told since Linux 6.9
};

/// How the firmware's framebuffer keeps a virtual machine from mapping the BARs of a function that vfio-pci has.
enum class FramebufferHold : std::uint8_t {
    none,      ///< not at all, or vfio-pci takes it away, as it does for VGA
    evictable, ///< its driver has reserved the memory, and can be taken from it
    stays,     ///< the memory belongs to the platform device, which nobody but a graphics driver can take away
};

/// One look at the PCI functions of a machine.
struct Machine {
    std::vector<Function> functions;                            ///< in order of address
    std::vector<MemoryRange> firmware_framebuffers;             ///< BOOTFB and the like in /proc/iomem
    std::optional<FramebufferDevice> framebuffer_device;        ///< read only where a display is no VGA
    std::map<unsigned, std::vector<OtherMember>> other_members; ///< by IOMMU group
    bool iommu_registered = false;                              ///< the kernel drives an IOMMU (/sys/class/iommu)

    [[nodiscard]] const Function* find(const Address& address) const;
    [[nodiscard]] Function* find(const Address& address);
    /// The functions of one slot, in order.
    [[nodiscard]] std::span<const Function> slot(const Address& address) const;
    /// True if the display that the firmware left its picture on is this function: its BARs hold the
    /// framebuffer, or, where the kernel names no framebuffer, boot_vga says so.
    [[nodiscard]] bool holds_firmware_framebuffer(const Function& function) const;
    /// What the firmware's framebuffer is to this function, once vfio-pci has it.
    [[nodiscard]] FramebufferHold framebuffer_hold(const Function& function) const;
    [[nodiscard]] bool has_iommu() const; ///< any function is in a group
    /// True if the function is in no group only because no driver has it yet: where a table of the firmware says which
    /// functions an IOMMU is for (device tree, IORT, VIOT), some kernels read it for the first driver alone
    /// (dma_configure() in really_probe(), drivers/base/dd.c, on ARM). On such a machine nothing without a driver has
    /// one.
    [[nodiscard]] bool group_comes_with_driver(const Function& function) const;
};

/// What is known of the modules of the kernel that runs, or will. Implemented over libkmod.
class ModuleCatalog {
public:
    virtual ~ModuleCatalog() = default;
    /// The modules that modules.alias names for `modalias`, '_' for '-', best first; empty if none.
    [[nodiscard]] virtual std::vector<std::string> modules_for(std::string_view modalias) const = 0;
    /// True if the module is in the tree, built in, or loaded.
    [[nodiscard]] virtual bool exists(std::string_view module) const = 0;
    /// The modules that must be there before it, '_' for '-'.
    [[nodiscard]] virtual std::vector<std::string> dependencies(std::string_view module) const = 0;
    /// True if the module is a part of the kernel: its options are then given by the kernel command line alone.
    [[nodiscard]] virtual bool builtin(std::string_view module) const = 0;

protected:
    ModuleCatalog() = default;
    ModuleCatalog(const ModuleCatalog&) = default;
    ModuleCatalog& operator=(const ModuleCatalog&) = default;
};

} // namespace vfio_early
