// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/linux/kernel_log.hpp"

#include "early/model/printable.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace vfio_early {

namespace {

/// One line, whatever came in: a newline would begin a record of its own, and the kernel cuts what is over
/// LOG_LINE_MAX (1024 bytes with its prefix).
std::string one_line(std::string_view text)
{
    constexpr std::size_t longest = 900;
    const std::string line = printable(text);
    const std::string_view start = utf8_prefix(line, longest);
    return std::string(start) + (start.size() < line.size() ? "..." : "");
}

bool write_record(const FileDescriptor& file, const std::string& record)
{
    return ::write(file.get(), record.data(), record.size()) == static_cast<ssize_t>(record.size());
}

} // namespace

void write_kernel_log(const Root& root, const std::vector<LogRecord>& records)
{
    constexpr int daemon_facility = 3; // LOG_DAEMON, syslog(3)
    for (const LogRecord& record : records) {
        const std::string line = one_line(record.text) + "\n";
        // O_APPEND is for a recorded machine, where dev/kmsg may be a file; O_NONBLOCK for a FIFO there.
        const auto kmsg = root.open_file("dev/kmsg", O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK);
        const std::string prefix = "<" + std::to_string(daemon_facility * 8 + record.level) + ">";
        if (kmsg && write_record(*kmsg, prefix + line))
            continue;
        if (::write(STDERR_FILENO, line.data(), line.size()) < 0) {
            // Nobody is left who could be told.
        }
    }
}

} // namespace vfio_early
