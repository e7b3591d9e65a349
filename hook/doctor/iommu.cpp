// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

#include "early/model/text.hpp"

namespace vfio_early::checks {

namespace {

constexpr const char* no_groups = "no PCI function is in an IOMMU group (/sys/kernel/iommu_groups is empty)";

/// The kernel takes an SMMU as soon as the firmware tells of it: there is no word for the command line to miss.
Finding no_smmu(const BootFacts& facts)
{
    return {.id = "iommu-off-in-firmware",
            .severity = Severity::error,
            .summary = "There is no IOMMU (SMMU), and without one no function can be given to a virtual machine",
            .evidence = {no_groups, facts.iort
                                        ? "the firmware's ACPI table IORT tells of no SMMU that this kernel has taken"
                                        : "the firmware has no ACPI table IORT (/sys/firmware/acpi/tables)"},
            .remedy = {"In the firmware setup enable " + std::string(firmware_name_of_iommu(facts.cpu)) +
                           "; where a device tree describes the machine, the host bridge of PCI needs an iommu-map.",
                       "Look for SMMU in the kernel log (dmesg): the firmware's table may be broken.",
                       "If this is a virtual machine, give it one on its host: <iommu model=\"smmuv3\"/> for libvirt, "
                       "-machine virt,iommu=smmuv3 for QEMU."}};
}

std::string firmware_table(const BootFacts& facts)
{
    return std::string("the firmware has the ACPI table ") + (facts.dmar ? "DMAR" : "IVRS");
}

} // namespace

Findings iommu_off_in_firmware(const Survey& survey)
{
    const BootFacts& facts = survey.boot;
    if (facts.groups || facts.firmware_offers_iommu())
        return {};
    if (facts.cpu == CpuVendor::arm)
        return {no_smmu(facts)};
    const std::string table = facts.cpu == CpuVendor::intel ? "DMAR"
                              : facts.cpu == CpuVendor::amd ? "IVRS"
                                                            : "DMAR or IVRS";
    if (facts.in_guest)
        return {{.id = "iommu-off-in-firmware",
                 .severity = Severity::error,
                 .summary = "This virtual machine has no IOMMU, and without one no function can be given to another",
                 .evidence = {no_groups, "this is a virtual machine: /proc/cpuinfo has the flag hypervisor"},
                 .remedy = {
                     "Give it one on its host: <iommu model=\"intel\"/> for libvirt, -device intel-iommu for QEMU."}}};
    return {
        {.id = "iommu-off-in-firmware",
         .severity = Severity::error,
         .summary = "The IOMMU is off in the firmware, and without it no function can be given to a virtual machine",
         .evidence = {no_groups, "the firmware has no ACPI table " + table + " (/sys/firmware/acpi/tables)"},
         .remedy = {"In the firmware setup enable " + std::string(firmware_name_of_iommu(facts.cpu)) + ".",
                    "Then run this command again: it tells whether the kernel command line needs anything."}}};
}

Findings iommu_off_in_kernel(const Survey& survey)
{
    const BootFacts& facts = survey.boot;
    if (facts.groups || !facts.firmware_offers_iommu())
        return {};
    Finding finding{.id = "iommu-off-in-kernel",
                    .severity = Severity::error,
                    .summary = "The firmware offers an IOMMU, but the kernel does not use it",
                    .evidence = {no_groups, firmware_table(facts), "kernel command line: " + join(facts.words, " ")}};
    for (const ParameterChange& change : boot_changes(facts, survey.wanted))
        if (change.required)
            finding.remedy.push_back((change.add ? "Add " : "Remove ") + change.word + ": " + change.why + ".");
    if (finding.remedy.empty())
        finding.remedy.push_back(
            "Look for DMAR or AMD-Vi in the kernel log (dmesg): the firmware's table may be broken.");
    else
        finding.remedy.push_back("vfio-earlyctl boot-params --apply does this.");
    return {finding};
}

Findings virtualization_off(const Survey& survey)
{
    const BootFacts& facts = survey.boot;
    if (facts.virtualization.value_or(true) || facts.in_guest)
        return {};
    const bool intel = facts.cpu == CpuVendor::intel;
    return {{.id = "virtualization-off",
             .severity = Severity::error,
             .summary = "The CPU offers no virtualization, and no virtual machine can use hardware acceleration",
             .evidence = {std::string("the flags in /proc/cpuinfo lack ") + (intel ? "vmx" : "svm")},
             .remedy = {std::string("In the firmware setup enable ") +
                        (intel ? "VT-x (Intel Virtualization Technology)." : "SVM (AMD-V).")}}};
}

} // namespace vfio_early::checks
