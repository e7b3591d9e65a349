// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/inspect/image_facts.hpp"

namespace vfio_early {

/// Whether the image runs the program, and when: what initramfs-tools and dracut (with systemd and without) make of
/// our scripts. In an image of an unknown generator nothing starts it. Pure.
[[nodiscard]] ImageHook image_hook(const ImageContent& content, Generator generator);

} // namespace vfio_early
