// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/deadline.hpp"

#include "early/system/root.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfio_early {

namespace {

using Clock = std::chrono::steady_clock;

/// Everything up to the end of the pipe, or an errno.
int collect(int pipe, Clock::time_point end, std::string& answer)
{
    for (;;) {
        if (const int code = wait_readable(pipe, end); code != 0)
            return code;
        char part[1024];
        const ssize_t got = ::read(pipe, part, sizeof part);
        if (got == 0)
            return 0;
        if (got > 0)
            answer.append(part, static_cast<std::size_t>(got));
        else if (errno != EINTR)
            return errno;
    }
}

[[noreturn]] void work_in_child(int pipe, const std::function<std::string()>& work)
{
    leave_standard_files();
    const std::string answer = work();
    const bool whole = ::write(pipe, answer.data(), answer.size()) == static_cast<ssize_t>(answer.size());
    ::_exit(whole ? 0 : 1);
}

} // namespace

int wait_readable(int file, Clock::time_point end)
{
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        pollfd entry{file, POLLIN, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000)));
        if (ready > 0)
            return 0;
        if (ready == 0 && Clock::now() >= end)
            return ETIMEDOUT;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
}

void leave_standard_files()
{
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (nowhere >= 0)
            ::dup2(nowhere, standard);
        else
            ::close(standard);
}

Result<std::string> work_with_deadline(std::chrono::milliseconds timeout, const std::function<std::string()>& work)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return system_error("make a pipe", {}, errno);
    const FileDescriptor ours(ends[0]);
    FileDescriptor theirs(ends[1]);
    const pid_t child = ::fork();
    if (child < 0)
        return system_error("fork", {}, errno);
    if (child == 0)
        work_in_child(theirs.get(), work);
    theirs = FileDescriptor();

    std::string answer;
    if (const int code = collect(ours.get(), Clock::now() + timeout, answer); code != 0) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, WNOHANG);
        return system_error({}, {}, code);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return system_error({}, {}, errno);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return system_error({}, {}, ECHILD);
    return answer;
}

} // namespace vfio_early
