// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <string>

namespace vfio_early {

/// What an add-on is signed with, files in the PEM form; both or none.
struct SigningKey {
    std::string key;
    std::string certificate;
};

/// systemd-stub(7) takes no other file for an add-on.
inline constexpr const char* addon_suffix = ".addon.efi";

/// An archive as an add-on of unified kernel images: an EFI program with the section .initrd, which systemd-stub(7) of
/// systemd 257 and later adds behind the initrd of the image. Made by ukify(1), and signed by what that uses. ENOENT
/// with words about the package where ukify is not installed; an error, too, where it fails, which has said why.
[[nodiscard]] Result<std::string> make_addon(const std::string& archive, const SigningKey& signing);

} // namespace vfio_early
