// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/diagnostic.hpp"

#include <string>

namespace vfio_early {

/// The lines a compiler would print: place and message, the source line, the caret, the hint.
/// Bytes that a terminal would obey (control characters, invalid UTF-8) are shown as \xNN.
[[nodiscard]] std::string render(const Diagnostic& diagnostic);

/// What to do: the word that was most likely meant, or else the diagnostic's own hint.
[[nodiscard]] std::string hint_text(const Diagnostic& diagnostic);

} // namespace vfio_early
