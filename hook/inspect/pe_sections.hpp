// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vfio_early {

/// The sections of a PE file (an EFI program; "PE Format" of Microsoft's Win32 documentation), by their names:
/// ".initrd". A section that reaches beyond the end of the file is empty. Nothing if the bytes are no PE file.
[[nodiscard]] std::optional<std::map<std::string, std::string_view, std::less<>>> pe_sections(std::string_view bytes);

/// True if a PE file has a table of certificates, which is where a signature for Secure Boot stands. Whether anybody
/// trusts it is for the firmware to say.
[[nodiscard]] bool pe_is_signed(std::string_view bytes);

} // namespace vfio_early
