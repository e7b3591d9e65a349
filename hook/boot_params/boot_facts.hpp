// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/system/root.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Whose processor it is, as far as IOMMUs differ by that: on arm64 that is an SMMU, whoever made the processor.
enum class CpuVendor : std::uint8_t { intel, amd, arm, other };

/// What decides which words the kernel command line needs for the IOMMU.
struct BootFacts {
    CpuVendor cpu = CpuVendor::other;
    std::optional<bool> virtualization; ///< vmx or svm among the CPU's flags; nothing: the flags are not known
    bool in_guest = false;              ///< the CPU's flags say that it runs below a hypervisor
    bool dmar = false;                  ///< the firmware tells of an Intel IOMMU (ACPI table DMAR)
    bool ivrs = false;                  ///< the firmware tells of an AMD IOMMU (ACPI table IVRS)
    bool iort = false;                  ///< the ACPI table IORT: there may be an SMMU in it, or nothing but an ITS
    bool groups = false;                ///< a function is in an IOMMU group: the IOMMU works
    std::vector<std::string> words;     ///< the running kernel's command line
    std::optional<bool>
        intel_default_on; ///< CONFIG_INTEL_IOMMU_DEFAULT_ON; nothing: the kernel's configuration is not known
    std::optional<Address> framebuffer_stays; ///< the function in whose memory it does (FramebufferHold::stays)
    std::string release;                      ///< of the running kernel
    unsigned kernel_major = 0;
    unsigned kernel_minor = 0;

    [[nodiscard]] bool firmware_offers_iommu() const { return dmar || ivrs; }
    [[nodiscard]] bool kernel_is_at_least(unsigned major, unsigned minor) const;
    [[nodiscard]] bool has_word(std::string_view word) const;
};

[[nodiscard]] BootFacts read_boot_facts(const Root& root, const Machine& machine);

/// One change to the kernel command line.
struct ParameterChange {
    bool add = true; ///< false: take the word away
    std::string word;
    bool required = true; ///< false: nothing depends on it
    std::string why;
};

/// What the command line of the next boot should have otherwise than the running one. `wanted`: the functions that are
/// to be given to virtual machines. Pure.
[[nodiscard]] std::vector<ParameterChange> boot_changes(const BootFacts& facts,
                                                        const std::vector<const Function*>& wanted);

/// "VT-d", "AMD-Vi (IOMMU)" or "SMMU": what firmware setups call it.
[[nodiscard]] std::string_view firmware_name_of_iommu(CpuVendor cpu);

} // namespace vfio_early
