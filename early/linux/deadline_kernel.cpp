// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/linux/deadline_kernel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfio_early {

namespace {

/// One message is one packet; the longest holds the options of a module.
constexpr std::size_t longest_message = std::size_t{64} << 10U;

/// Gives nothing at the end of the conversation.
std::optional<std::string> receive(int socket)
{
    // Not on the heap, where it would be cleared for each message: of this only the pages come into being that a message
    // fills, and that is one.
    static std::array<char, longest_message> buffer;
    ssize_t size = -1;
    do
        size = ::recv(socket, buffer.data(), buffer.size(), 0);
    while (size < 0 && errno == EINTR);
    if (size <= 0)
        return {};
    return std::string(buffer.data(), static_cast<std::size_t>(size));
}

/// 0 or an errno. MSG_NOSIGNAL: a worker that died must not take us along.
int send_message(int socket, const std::string& message)
{
    if (message.size() > longest_message)
        return EMSGSIZE;
    return ::send(socket, message.data(), message.size(), MSG_NOSIGNAL) < 0 ? errno : 0;
}

/// 0 once there is something to read, ETIMEDOUT after `timeout`.
int wait_readable(int socket, std::chrono::milliseconds timeout)
{
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + timeout;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        pollfd poll_entry{socket, POLLIN, 0};
        const int ready = ::poll(&poll_entry, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000)));
        if (ready > 0)
            return 0;
        if (ready == 0 && Clock::now() >= end)
            return ETIMEDOUT;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
}

/// A process that hangs for ever must not keep the pipe open that somebody reads our output from.
void leave_standard_files()
{
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (nowhere >= 0)
            ::dup2(nowhere, standard);
        else
            ::close(standard);
    }
}

[[noreturn]] void serve(Kernel& kernel, int socket)
{
    ::prctl(PR_SET_NAME, "vfio-early call");
    leave_standard_files();
    while (const auto message = receive(socket)) {
        const auto request = decode_request(*message);
        if (!request || send_message(socket, encode(perform(kernel, *request))) != 0)
            break;
    }
    ::_exit(0);
}

} // namespace

DeadlineKernel::~DeadlineKernel()
{
    if (worker_ < 0)
        return;
    // It waits for a request that will not come, so it dies at once and can be waited for.
    ::kill(worker_, SIGKILL);
    while (::waitpid(worker_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool DeadlineKernel::start_worker()
{
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    FileDescriptor ours(ends[0]);
    FileDescriptor theirs(ends[1]);
    const pid_t child = ::fork();
    if (child < 0)
        return false;
    if (child == 0) {
        // Our end, and that of an earlier worker, belong to the parent: the worker ends when they are closed.
        ours = FileDescriptor();
        socket_ = FileDescriptor();
        serve(kernel_, theirs.get());
    }
    socket_ = std::move(ours);
    worker_ = child;
    return true;
}

void DeadlineKernel::release_later(const Address& function, const std::string& driver)
{
    // Without a process for it the override at least is cleared, if that does not hang.
    const pid_t child = ::fork();
    if (child < 0)
        return static_cast<void>(set_override(function, ""));
    if (child > 0)
        return;
    ::prctl(PR_SET_NAME, "vfio-early free");
    socket_ = FileDescriptor();
    leave_standard_files();
    kernel_.release_later(function, driver);
    ::_exit(0);
}

void DeadlineKernel::abandon_worker()
{
    socket_ = FileDescriptor();
    if (worker_ > 0) {
        ::kill(worker_, SIGKILL);
        ::waitpid(worker_, nullptr, WNOHANG);
    }
    worker_ = -1;
}

CallAnswer DeadlineKernel::call(const CallRequest& request)
{
    // Without memory or processes for a worker a call without a deadline is still better than none.
    if (worker_ < 0 && !start_worker())
        return perform(kernel_, request);
    int code = send_message(socket_.get(), encode(request));
    if (code == EMSGSIZE)
        return {SystemError{"call", request.name, code, {}}, {}, {}};
    if (code == 0)
        code = wait_readable(socket_.get(), timeout_);
    if (code == 0) {
        if (const auto message = receive(socket_.get())) {
            if (auto answer = decode_answer(*message))
                return std::move(*answer);
        }
        code = ECHILD; // the worker died
    }
    abandon_worker();
    return {SystemError{{}, {}, code, {}}, {}, {}};
}

Result<void> DeadlineKernel::call_plain(const CallRequest& request)
{
    CallAnswer answer = call(request);
    if (answer.error)
        return std::unexpected(std::move(*answer.error));
    return {};
}

Result<void> DeadlineKernel::set_override(const Address& function, const std::string& driver)
{
    return call_plain({CallRequest::Call::set_override, function, driver, {}, {}, 0});
}

Result<void> DeadlineKernel::load_module(const std::string& module, const std::string& options)
{
    return call_plain({CallRequest::Call::load_module, {}, module, options, {}, 0});
}

Result<void> DeadlineKernel::unbind(const Address& function, const std::string& driver)
{
    return call_plain({CallRequest::Call::unbind, function, driver, {}, {}, 0});
}

Result<void> DeadlineKernel::probe(const Address& function)
{
    return call_plain({CallRequest::Call::probe, function, {}, {}, {}, 0});
}

Result<void> DeadlineKernel::bind(const Address& function, const std::string& driver)
{
    return call_plain({CallRequest::Call::bind, function, driver, {}, {}, 0});
}

Result<void> DeadlineKernel::apply(const Address& function, const DeviceSetting& setting)
{
    return call_plain({CallRequest::Call::apply, function, {}, {}, setting, 0});
}

Result<std::string> DeadlineKernel::bound_driver(const Address& function)
{
    CallAnswer answer = call({CallRequest::Call::bound_driver, function, {}, {}, {}, 0});
    if (answer.error)
        return std::unexpected(std::move(*answer.error));
    return std::move(answer.driver);
}

Result<bool> DeadlineKernel::let_vfs_probe(const Address& function, bool allowed)
{
    CallAnswer answer = call({CallRequest::Call::let_vfs_probe, function, {}, {}, {}, allowed ? 1U : 0U});
    if (answer.error)
        return std::unexpected(std::move(*answer.error));
    return answer.yes.value_or(true);
}

Result<void> DeadlineKernel::create_vfs(const Address& function, unsigned count)
{
    return call_plain({CallRequest::Call::create_vfs, function, {}, {}, {}, count});
}

Result<std::optional<bool>> DeadlineKernel::group_viable(unsigned group)
{
    CallAnswer answer = call({CallRequest::Call::group_viable, {}, {}, {}, {}, group});
    if (answer.error)
        return std::unexpected(std::move(*answer.error));
    return answer.yes;
}

} // namespace vfio_early
