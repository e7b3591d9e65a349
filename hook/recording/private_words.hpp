// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vfio_early {

/// A kernel command line of which only those values are left that these programs look at: others may be passwords,
/// names and addresses. `NAME=VALUE` becomes `NAME=`; of a kept value with a user's name in it (USER:PASSWORD@HOST)
/// that goes. White space stays as it is.
[[nodiscard]] std::string without_private_values(std::string_view command_line);

/// The same within a line of /etc/default/grub, NAME="COMMAND LINE".
[[nodiscard]] std::string without_private_values_in_grub(std::string_view line);

} // namespace vfio_early
