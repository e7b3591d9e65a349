// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/status/this_boot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// One message of the journal: "NAME=value" each, MESSAGE and MESSAGE_ID among them (systemd.journal-fields(7)).
using JournalEntry = std::vector<std::string>;

/// The MESSAGE_ID of the verdict on a boot, and of a function that failed.
inline constexpr std::string_view verdict_message_id = "1a466b84ee934b378ca3675748d6f080";
inline constexpr std::string_view failed_message_id = "1de499663c1444029c4bc194a7b3bc3e";
/// That of a function that was refused: one for each word, so that the catalog explains each by itself.
[[nodiscard]] std::string_view refused_message_id(Refusal refusal);

/// What the journal is told of a boot: the verdict, and each refusal and failure with its text of the kernel log.
/// Nothing of a boot in which vfio-early did not run. vfio-earlyctl(8) has the fields. Pure.
[[nodiscard]] std::vector<JournalEntry> journal_entries(const ThisBoot& boot);

} // namespace vfio_early
