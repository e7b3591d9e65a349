// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"
#include "hook/fleet/journal_entries.hpp"

namespace vfio_early {

/// Sends one message to the journal of this system (sd_journal_sendv(3)). Where no journal listens that is no error:
/// nothing is sent.
[[nodiscard]] Result<void> send_to_journal(const JournalEntry& entry);

} // namespace vfio_early
