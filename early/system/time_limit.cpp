// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/time_limit.hpp"

#include "early/system/root.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfio_early {

namespace {

using Clock = std::chrono::steady_clock;

/// The child may hang for ever: it must not keep the streams open that somebody reads our output from.
void leave_standard_files()
{
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (nowhere >= 0)
            ::dup2(nowhere, standard);
        else
            ::close(standard);
}

/// Until the child has ended; ETIMEDOUT if it takes too long.
int wait_for_end(int child, const SharedLog& log, std::chrono::milliseconds limit)
{
    for (;;) {
        // No longer than the limit at a time: what is done next may have less time than this.
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(log.end(limit) - Clock::now());
        pollfd entry{child, POLLIN, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, limit.count())));
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return errno;
        // It may have begun something else meanwhile, which has the whole of the limit for itself.
        if (ready == 0 && Clock::now() >= log.end(limit))
            return ETIMEDOUT;
    }
}

} // namespace

struct SharedLog::Header {
    std::atomic<std::uint64_t> used{0}; ///< bytes of records behind this
    std::atomic<Clock::rep> since{0};
    std::atomic<std::int64_t> more{0}; ///< milliseconds
};

SharedLog::SharedLog(std::size_t size)
{
    void* const memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return;
    header_ = new (memory) Header;
    size_ = size - sizeof(Header);
}

SharedLog::~SharedLog()
{
    if (header_ != nullptr)
        ::munmap(header_, size_ + sizeof(Header));
}

void SharedLog::append(std::string_view record)
{
    if (header_ == nullptr)
        return;
    const auto length = static_cast<std::uint32_t>(record.size());
    const std::uint64_t used = header_->used;
    if (used + sizeof length + record.size() <= size_) {
        char* const place = reinterpret_cast<char*>(header_ + 1) + used;
        std::memcpy(place, &length, sizeof length);
        std::memcpy(place + sizeof length, record.data(), record.size());
        header_->used = used + sizeof length + record.size();
    }
    allow(std::chrono::milliseconds(0));
}

void SharedLog::allow(std::chrono::milliseconds more)
{
    if (header_ == nullptr)
        return;
    header_->more = more.count();
    header_->since = Clock::now().time_since_epoch().count();
}

std::vector<std::string> SharedLog::records() const
{
    std::vector<std::string> all;
    if (header_ == nullptr)
        return all;
    const char* const first = reinterpret_cast<const char*>(header_ + 1);
    const std::uint64_t used = header_->used;
    for (std::uint64_t place = 0; place < used;) {
        std::uint32_t length = 0;
        std::memcpy(&length, first + place, sizeof length);
        all.emplace_back(first + place + sizeof length, length);
        place += sizeof length + length;
    }
    return all;
}

Clock::time_point SharedLog::end(std::chrono::milliseconds limit) const
{
    if (header_ == nullptr)
        return Clock::now() + limit;
    return Clock::time_point(Clock::duration(header_->since)) + limit + std::chrono::milliseconds(header_->more);
}

int run_in_child(SharedLog& log, std::chrono::milliseconds limit, const std::function<void()>& work)
{
    if (!log.is_open())
        return ENOMEM;
    log.allow(std::chrono::milliseconds(0));
    const pid_t child = ::fork();
    if (child < 0)
        return errno;
    if (child == 0) {
        leave_standard_files();
        work();
        ::_exit(0);
    }
    // Not the end of a pipe: a process that the child leaves behind would keep that open.
    const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    if (const int code = handle ? wait_for_end(handle.get(), log, limit) : errno; code != 0) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, WNOHANG);
        return code;
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ECHILD;
}

Result<std::string> work_with_limit(std::chrono::milliseconds limit, const std::function<std::string()>& work)
{
    SharedLog log(std::size_t{4} << 20U);
    if (const int code = run_in_child(log, limit, [&] { log.append(work()); }); code != 0)
        return system_error({}, {}, code);
    std::vector<std::string> records = log.records();
    if (records.empty())
        return system_error({}, {}, ENOMEM);
    return std::move(records.front());
}

} // namespace vfio_early
