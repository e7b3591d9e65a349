// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/boot_params/boot_facts.hpp"

#include "early/model/boot_request.hpp"
#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/host/text_catalog.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

/// The text behind the colon of the first line that begins with `key`.
std::optional<std::string_view> cpuinfo_value(std::string_view cpuinfo, std::string_view key)
{
    for (const std::string_view line : split(cpuinfo, '\n')) {
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && trim(line.substr(0, colon)) == key)
            return trim(line.substr(colon + 1));
    }
    return {};
}

void read_cpu(BootFacts& facts, std::string_view cpuinfo)
{
    const std::string_view vendor = cpuinfo_value(cpuinfo, "vendor_id").value_or("");
    if (vendor == "GenuineIntel")
        facts.cpu = CpuVendor::intel;
    else if (vendor == "AuthenticAMD" || vendor == "HygonGenuine")
        facts.cpu = CpuVendor::amd;
    else if (cpuinfo_value(cpuinfo, "CPU implementer")) // c_show() in arch/arm64/kernel/cpuinfo.c
        facts.cpu = CpuVendor::arm;
    const auto flags = cpuinfo_value(cpuinfo, "flags");
    if (!flags)
        return;
    const auto words = split(*flags, ' ');
    const auto has = [&](std::string_view flag) { return std::ranges::find(words, flag) != words.end(); };
    facts.virtualization = has("vmx") || has("svm");
    facts.in_guest = has("hypervisor");
}

/// Where nothing tells the CPU (a recording without /proc/cpuinfo): the host bridge is its maker's.
CpuVendor vendor_of_host_bridge(const Machine& machine)
{
    constexpr std::uint32_t host_bridge = 0x0600;
    for (const Function& function : machine.functions) {
        if (function.ids.class_code >> 8U != host_bridge)
            continue;
        if (function.ids.vendor == 0x8086)
            return CpuVendor::intel;
        if (function.ids.vendor == 0x1022 || function.ids.vendor == 0x1d94)
            return CpuVendor::amd;
    }
    return CpuVendor::other;
}

void read_version(BootFacts& facts)
{
    const auto parts = split(facts.release, '.');
    if (parts.size() < 2)
        return;
    facts.kernel_major = parse_decimal(parts[0]).value_or(0);
    const std::string_view minor = parts[1];
    facts.kernel_minor = parse_decimal(minor.substr(0, minor.find_first_not_of("0123456789"))).value_or(0);
}

} // namespace

bool BootFacts::kernel_is_at_least(unsigned major, unsigned minor) const
{
    return kernel_major > major || (kernel_major == major && kernel_minor >= minor);
}

bool BootFacts::has_word(std::string_view word) const
{
    return std::ranges::find(words, word) != words.end();
}

BootFacts read_boot_facts(const Root& root, const Machine& machine)
{
    BootFacts facts;
    read_cpu(facts, root.read("proc/cpuinfo", 16U << 20U).value_or(""));
    if (facts.cpu == CpuVendor::other)
        facts.cpu = vendor_of_host_bridge(machine);
    facts.dmar = root.exists("sys/firmware/acpi/tables/DMAR");
    facts.ivrs = root.exists("sys/firmware/acpi/tables/IVRS");
    facts.iort = root.exists("sys/firmware/acpi/tables/IORT");
    facts.groups = machine.has_iommu();
    for (const Function& function : machine.functions)
        if (machine.framebuffer_hold(function) == FramebufferHold::stays)
            facts.framebuffer_stays = function.address;
    facts.words = command_line_words(root.read("proc/cmdline").value_or(""));
    facts.release = kernel_release(root);
    read_version(facts);
    if (const auto config = read_regular_file(root, "boot/config-" + facts.release)) {
        // Debian's own variant of the option leaves out the integrated graphics only.
        facts.intel_default_on = std::ranges::any_of(split(*config, '\n'), [](std::string_view line) {
            return line.starts_with("CONFIG_INTEL_IOMMU_DEFAULT_ON=y") ||
                   line.starts_with("CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y");
        });
    }
    return facts;
}

} // namespace vfio_early
