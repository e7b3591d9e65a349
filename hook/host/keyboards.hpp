// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/needs/root_chain.hpp"
#include "early/system/root.hpp"

#include <string_view>

namespace vfio_early {

/// True if some line of crypttab(5) asks a person for its passphrase (no key file, or `none` or `-`).
[[nodiscard]] bool asks_for_passphrase(std::string_view crypttab);

/// True if the key bits of an input device (/sys/class/input/inputN/capabilities/key, words of 64 bits in hex, the
/// highest first) hold Enter and the letters: a keyboard, and no power button. Codes of linux/input-event-codes.h.
[[nodiscard]] bool is_keyboard(std::string_view key_bits);

/// The USB controllers that a keyboard hangs from, on a machine where a passphrase is typed at boot; else none.
[[nodiscard]] NeededFunctions functions_behind_keyboards(const Root& root);

} // namespace vfio_early
