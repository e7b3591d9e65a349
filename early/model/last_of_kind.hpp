// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/selection.hpp"

namespace vfio_early {

/// Refuses the display that the host would be left without, and the network cards if it would be left without any, once
/// it is known what is taken. A card that has no driver, or that somebody else gives away, is none; a wireless one
/// counts only where there is no other: which network it is to join nobody may have said. True if anything was refused.
bool guard_last_of_kind(Selection& selection, const Matcher& matcher);

} // namespace vfio_early
