// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorder.hpp"

#include "early/commands/policy_files.hpp"
#include "early/machine/scan.hpp"
#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/recording/private_words.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

constexpr const char* platform_devices = "sys/bus/platform/devices";

/// Mounts that the host needs; nothing of the others is recorded.
bool is_system_mount(std::string_view line)
{
    constexpr std::array<std::string_view, 5> mount_points{"/", "/usr", "/boot", "/boot/efi", "/efi"};
    const auto words = split(line, ' ');
    constexpr std::size_t mount_point = 4; // proc_pid_mountinfo(5)
    return words.size() > mount_point && std::ranges::find(mount_points, words[mount_point]) != mount_points.end();
}

void record_lines(Recorder& recorder, const std::string& path, bool (*keep)(std::string_view))
{
    constexpr std::size_t limit = 16U << 20U;
    if (const auto text = recorder.root().read(path, limit))
        recorder.text(path, kept_lines(*text, keep));
}

} // namespace

void record_kernel(Recorder& recorder)
{
    if (const auto line = recorder.root().read("proc/cmdline"))
        recorder.text("proc/cmdline", recorder.cleaned(without_private_values(*line)));
    recorder.file("proc/sys/kernel/osrelease");
    for (const char* path : {"proc/swaps", "sys/class/dmi/id/bios_version", "sys/class/dmi/id/product_name"})
        recorder.file(path);
    record_lines(recorder, "proc/iomem", [](std::string_view line) { return !framebuffers_from_iomem(line).empty(); });
    for (const std::string& name : names_in(recorder.root(), platform_devices))
        if (name.ends_with("-framebuffer.0"))
            recorder.link(platform_devices + ("/" + name));
    record_lines(recorder, "proc/self/mountinfo", is_system_mount);
    record_lines(recorder, "proc/cpuinfo", [](std::string_view line) {
        return line.starts_with("vendor_id") || line.starts_with("CPU implementer");
    });
    // The tables by which the firmware tells of an IOMMU, and whether it is UEFI.
    recorder.presence("sys/firmware/acpi/tables/DMAR");
    recorder.presence("sys/firmware/acpi/tables/IVRS");
    recorder.presence("sys/firmware/acpi/tables/IORT");
    recorder.presence("sys/firmware/efi/fw_platform_size");
}

void record_configuration(Recorder& recorder)
{
    recorder.file("etc/vfio-early.conf");
    recorder.files_of("etc/vfio-early.conf.d", ".conf");
    recorder.files_of(kept_credentials, ".conf");
    for (const char* directory : {"etc/modprobe.d", "run/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d"})
        recorder.files_of(directory, ".conf");
    recorder.files_of("etc/modules-load.d", ".conf");
    recorder.file("etc/modules");
    recorder.file("etc/initramfs-tools/modules");
    recorder.files_of("etc/driverctl.d", "");
    recorder.file("etc/mkinitcpio.conf");
    recorder.files_of("etc/mkinitcpio.conf.d", ".conf");
}

} // namespace vfio_early
