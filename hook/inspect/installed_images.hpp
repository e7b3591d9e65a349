// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// An image that a boot loader may take.
struct InstalledImage {
    std::string path;     ///< below the root: "boot/initrd.img-6.1.0-30-amd64"
    std::string release;  ///< of its kernel, by the name; empty: the name does not tell
    bool unified = false; ///< a unified kernel image
};

/// The images in the places of Debian, Fedora, SUSE and the Boot Loader Specification, in order of place and name. Left
/// out are the copies that dpkg and update-initramfs leave behind, and those for crash dumps and rescue.
[[nodiscard]] std::vector<InstalledImage> installed_images(const Root& root);

/// The kernels in /boot that have no image there at all: they boot without one, and so without us.
[[nodiscard]] std::vector<std::string> kernels_without_image(const Root& root,
                                                             const std::vector<InstalledImage>& images);

} // namespace vfio_early
