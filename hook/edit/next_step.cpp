// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/next_step.hpp"

namespace vfio_early {

ImageTool find_image_tool(const Root& root)
{
    // Where dracut stands in for initramfs-tools it brings an update-initramfs of its own: the same command serves.
    for (const char* path : {"usr/sbin/update-initramfs", "usr/bin/update-initramfs", "sbin/update-initramfs"})
        if (root.exists(path))
            return ImageTool::update_initramfs;
    for (const char* path : {"usr/bin/dracut", "usr/sbin/dracut", "sbin/dracut"})
        if (root.exists(path))
            return ImageTool::dracut;
    return ImageTool::unknown;
}

std::string other_image_tool(const Root& root)
{
    if (find_image_tool(root) == ImageTool::unknown)
        for (const char* name : {"mkinitcpio", "booster"})
            if (root.exists(std::string("usr/bin/") + name))
                return name;
    return {};
}

std::string image_command(ImageTool tool, const std::string& release)
{
    switch (tool) {
    case ImageTool::update_initramfs:
        return "update-initramfs -u -k " + (release.empty() ? "all" : release);
    case ImageTool::dracut:
        return release.empty() ? "dracut -f --regenerate-all" : "dracut -f --kver " + release;
    case ImageTool::unknown:
        break;
    }
    return {};
}

std::string next_step_text(const Root& root)
{
    if (const std::string other = other_image_tool(root); !other.empty())
        return other + " makes the images of this system, and vfio-early is not in them: the policy has no effect. "
                       "`vfio-earlyctl doctor` tells more.";
    const std::string command = image_command(find_image_tool(root));
    if (command.empty())
        return "Now make the initramfs image anew, and reboot.";
    return "Now run: " + command + "\nThen reboot.";
}

} // namespace vfio_early
