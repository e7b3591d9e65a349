// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/journal_send.hpp"

#include <sys/uio.h>
#include <systemd/sd-journal.h>

namespace vfio_early {

Result<void> send_to_journal(const JournalEntry& entry)
{
    std::vector<iovec> fields;
    for (const std::string& field : entry)
        // iovec is for reading, too; nothing is written there.
        fields.push_back({.iov_base = const_cast<char*>(field.data()), .iov_len = field.size()});
    // The macro of that name would add the place in this source.
    if (const int error = (sd_journal_sendv)(fields.data(), static_cast<int>(fields.size())); error < 0)
        return system_error("write", "the journal", -error);
    return {};
}

} // namespace vfio_early
