// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/boot_params/boot_loader.hpp"

#include "hook/host/regular_file.hpp"

#include <array>

namespace vfio_early {

namespace {

constexpr const char* kernel_command_line = "etc/kernel/cmdline"; // kernel-install(8)
constexpr const char* grub_settings = "etc/default/grub";
constexpr const char* grub_drop_ins = "etc/default/grub.d"; // read by the grub-mkconfig of Debian and its kin only
constexpr const char* our_drop_in = "etc/default/grub.d/50-vfio-early.cfg";

void add_file(BootLoader& loader, const Root& root, const std::string& path)
{
    if (auto text = read_regular_file(root, path))
        loader.files.push_back({.path = path, .text = std::move(*text)});
}

void add_grub_files(BootLoader& loader, const Root& root)
{
    add_file(loader, root, grub_settings);
    for (const std::string& name : names_in(root, grub_drop_ins))
        if (name.ends_with(".cfg"))
            add_file(loader, root, std::string(grub_drop_ins) + "/" + name);
    loader.drop_in = our_drop_in;
}

bool makes_unified_images(const Root& root)
{
    for (const char* path : {"etc/kernel/install.conf", "usr/lib/kernel/install.conf"}) {
        const std::string text = read_regular_file(root, path).value_or("");
        if (("\n" + text).find("\nlayout=uki") != std::string::npos)
            return true;
    }
    return false;
}

bool has_program(const Root& root, const std::string& name)
{
    return root.exists("usr/sbin/" + name) || root.exists("usr/bin/" + name) || root.exists("sbin/" + name);
}

/// kernel-install(8) takes the command line into the boot entry, or image, of one kernel at a time.
std::vector<std::vector<std::string>> kernel_installs(const Root& root)
{
    std::vector<std::vector<std::string>> commands;
    constexpr std::string_view prefix = "vmlinuz-";
    for (const std::string& name : names_in(root, "boot")) {
        if (!name.starts_with(prefix))
            continue;
        const std::string release = name.substr(prefix.size());
        commands.push_back({"kernel-install", "add", release, "/boot/" + name});
        if (root.exists("boot/initrd.img-" + release))
            commands.back().push_back("/boot/initrd.img-" + release);
    }
    for (const std::string& release : names_in(root, "lib/modules")) {
        const std::string kernel = "lib/modules/" + release + "/vmlinuz";
        if (commands.empty() && root.exists(kernel))
            commands.push_back({"kernel-install", "add", release, "/" + kernel});
    }
    return commands;
}

} // namespace

BootLoader find_boot_loader(const Root& root)
{
    BootLoader loader;
    const bool efi = root.exists("sys/firmware/efi");
    const bool has_command_line = root.exists(kernel_command_line);
    if (root.exists("etc/kernel/proxmox-boot-uuids")) {
        // proxmox-boot-tool(8): systemd-boot where the firmware is UEFI, GRUB elsewhere.
        loader.method = efi && has_command_line ? BootMethod::proxmox : BootMethod::proxmox_grub;
        loader.update = {{"proxmox-boot-tool", "refresh"}};
        if (loader.method == BootMethod::proxmox)
            add_file(loader, root, kernel_command_line);
        else
            add_grub_files(loader, root);
    } else if (has_command_line && makes_unified_images(root)) {
        loader.method = BootMethod::uki;
        loader.update = kernel_installs(root);
        add_file(loader, root, kernel_command_line);
    } else if (has_command_line && (has_program(root, "bootctl") || !root.exists(grub_settings))) {
        loader.method = BootMethod::systemd_boot;
        loader.update = kernel_installs(root);
        add_file(loader, root, kernel_command_line);
    } else if (root.exists(grub_settings) && has_program(root, "grubby") && !root.exists(grub_drop_ins)) {
        loader.method = BootMethod::grubby;
    } else if (root.exists(grub_settings)) {
        loader.method = BootMethod::grub;
        add_grub_files(loader, root);
        if (has_program(root, "update-grub"))
            loader.update = {{"update-grub"}};
        else
            loader.update = {{"grub-mkconfig", "-o", "/boot/grub/grub.cfg"}};
    }
    return loader;
}

std::string_view boot_method_name(BootMethod method)
{
    constexpr std::array<std::string_view, 7> names{"GRUB",
                                                    "GRUB (grubby)",
                                                    "systemd-boot",
                                                    "unified kernel image",
                                                    "systemd-boot (proxmox-boot-tool)",
                                                    "GRUB (proxmox-boot-tool)",
                                                    "unknown"};
    return names.at(static_cast<std::size_t>(method));
}

} // namespace vfio_early
