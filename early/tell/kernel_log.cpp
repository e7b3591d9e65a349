// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/tell/kernel_log.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace vfio_early {

namespace {

bool write_record(const FileDescriptor& file, const std::string& record)
{
    return ::write(file.get(), record.data(), record.size()) == static_cast<ssize_t>(record.size());
}

/// Where this fails, nobody is left who could be told.
void write_error(const std::string& line)
{
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0)
        return;
}

} // namespace

void write_kernel_log(const Root& root, const std::vector<LogRecord>& records)
{
    constexpr int daemon_facility = 3; // LOG_DAEMON, syslog(3)
    // From each open file the kernel takes ten records in five seconds, drops the others, and says they were written
    // (devkmsg_write(), kernel/printk/printk.c; DEFAULT_RATELIMIT_BURST, linux/ratelimit_types.h).
    constexpr std::size_t records_a_file = 8;
    Result<FileDescriptor> kmsg{FileDescriptor()};
    std::size_t count = 0;
    for (const LogRecord& record : records) {
        const std::string line = record.text + "\n";
        // O_APPEND is for a recorded machine, where dev/kmsg may be a file; O_NONBLOCK for a FIFO there.
        if (count++ % records_a_file == 0)
            kmsg = root.open_file("dev/kmsg", O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK);
        const std::string prefix = "<" + std::to_string(daemon_facility * 8 + record.level) + ">";
        if (kmsg && write_record(*kmsg, prefix + line))
            continue;
        write_error(line);
    }
}

void tell_caller(const std::string& text)
{
    write_error("vfio-early: " + text + "\n");
}

} // namespace vfio_early
