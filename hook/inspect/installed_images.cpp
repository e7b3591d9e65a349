// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/installed_images.hpp"

#include "hook/host/regular_file.hpp"

#include <algorithm>
#include <string_view>

namespace vfio_early {

namespace {

/// Left behind, or never made anew.
bool is_no_real_image(std::string_view release)
{
    return release.ends_with(".dpkg-bak") || release.ends_with(".bak") || release.ends_with(".new") ||
           release.ends_with(".old") || release.ends_with("~") || release.starts_with("0-rescue") ||
           release.find("kdump") != release.npos;
}

std::string without_suffix(std::string text, std::string_view suffix)
{
    if (text.ends_with(suffix))
        text.resize(text.size() - suffix.size());
    return text;
}

void add_boot(std::vector<InstalledImage>& images, const Root& root)
{
    for (const std::string& name : names_in(root, "boot")) {
        for (const std::string_view prefix : {"initrd.img-", "initramfs-", "initrd-"}) {
            if (!name.starts_with(prefix))
                continue;
            const std::string release = without_suffix(name.substr(prefix.size()), ".img");
            if (!is_no_real_image(release))
                images.push_back({.path = "boot/" + name, .release = release});
        }
    }
}

/// $BOOT/MACHINE-ID/RELEASE/initrd, as kernel-install(8) lays it out.
void add_entries(std::vector<InstalledImage>& images, const Root& root, const std::string& partition)
{
    constexpr std::size_t id_digits = 32;
    for (const std::string& id : names_in(root, partition)) {
        if (id.size() != id_digits || id.find_first_not_of("0123456789abcdef") != id.npos)
            continue;
        for (const std::string& release : names_in(root, partition + "/" + id)) {
            const std::string directory = partition + "/" + id + "/" + release;
            for (const std::string& name : names_in(root, directory))
                if (name.starts_with("initrd") && !is_no_real_image(release) && !is_no_real_image(name))
                    images.push_back({.path = std::string(directory).append("/").append(name), .release = release});
        }
    }
}

void add_unified(std::vector<InstalledImage>& images, const Root& root, const std::string& partition)
{
    const std::string directory = partition + "/EFI/Linux";
    for (const std::string& name : names_in(root, directory))
        if (name.ends_with(".efi"))
            images.push_back({.path = std::string(directory).append("/").append(name), .release = {}, .unified = true});
}

} // namespace

std::vector<InstalledImage> installed_images(const Root& root)
{
    std::vector<InstalledImage> images;
    add_boot(images, root);
    for (const char* partition : {"boot", "boot/efi", "efi"}) {
        add_entries(images, root, partition);
        add_unified(images, root, partition);
    }
    return images;
}

std::vector<std::string> kernels_without_image(const Root& root, const std::vector<InstalledImage>& images)
{
    constexpr std::string_view prefix = "vmlinuz-";
    std::vector<std::string> releases;
    for (const std::string& name : names_in(root, "boot")) {
        if (!name.starts_with(prefix))
            continue;
        std::string release = name.substr(prefix.size());
        if (!is_no_real_image(release) && std::ranges::find(images, release, &InstalledImage::release) == images.end())
            releases.push_back(std::move(release));
    }
    return releases;
}

} // namespace vfio_early
