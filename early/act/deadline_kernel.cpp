// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/deadline_kernel.hpp"

#include "early/system/deadline.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <new>
#include <sys/mman.h>
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
    // Not on the heap, where it would be cleared for each message: of this only the pages come into being that a
    // message fills, and that is one.
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

} // namespace

void DeadlineKernel::Progress::begin(std::uint32_t number)
{
    since = Clock::now().time_since_epoch();
    call = number;
}

void DeadlineKernel::serve(Kernel& kernel, int socket, Progress& progress)
{
    ::prctl(PR_SET_NAME, "vfio-early call");
    leave_standard_files();
    while (const auto message = receive(socket)) {
        const auto requests = decode_requests(*message);
        if (!requests)
            return;
        std::vector<CallAnswer> answers;
        answers.reserve(requests->size());
        for (const CallRequest& request : *requests) {
            progress.begin(static_cast<std::uint32_t>(answers.size()));
            answers.push_back(perform(kernel, request));
        }
        if (send_message(socket, encode(answers)) != 0)
            return;
    }
}

DeadlineKernel::~DeadlineKernel()
{
    if (worker_ < 0)
        return;
    // It waits for a request that will not come, so it dies at once and can be waited for.
    ::kill(worker_, SIGKILL);
    while (::waitpid(worker_, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::munmap(progress_, sizeof *progress_);
}

bool DeadlineKernel::start_worker()
{
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    FileDescriptor ours(ends[0]);
    FileDescriptor theirs(ends[1]);
    void* const shared = ::mmap(nullptr, sizeof *progress_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return false;
    auto* const progress = new (shared) Progress;
    const pid_t child = ::fork();
    if (child < 0) {
        ::munmap(shared, sizeof *progress_);
        return false;
    }
    if (child == 0) {
        // Our end, and that of an earlier worker, belong to the parent: the worker ends when they are closed.
        ours = FileDescriptor();
        socket_ = FileDescriptor();
        serve(kernel_, theirs.get(), *progress);
        ::_exit(0);
    }
    socket_ = std::move(ours);
    progress_ = progress;
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
        ::munmap(progress_, sizeof *progress_);
    }
    worker_ = -1;
}

int DeadlineKernel::wait_for_answer() const
{
    for (;;) {
        const Clock::time_point end(progress_->since.load() + timeout_);
        const int code = wait_readable(socket_.get(), end);
        // It may have begun another call meanwhile, which has the whole of the timeout for itself.
        if (code != ETIMEDOUT || progress_->since.load() + timeout_ == end.time_since_epoch())
            return code;
    }
}

std::expected<std::vector<CallAnswer>, SystemError> DeadlineKernel::ask(std::span<const CallRequest> requests)
{
    progress_->begin(0);
    int code = send_message(socket_.get(), encode(requests));
    if (code == EMSGSIZE)
        return system_error("call", requests.front().name, code);
    if (code == 0)
        code = wait_for_answer();
    if (code == 0) {
        const auto message = receive(socket_.get());
        auto answers = message ? decode_answers(*message) : std::nullopt;
        if (answers && answers->size() == requests.size())
            return std::move(*answers);
        code = ECHILD; // the worker died
    }
    return system_error({}, {}, code);
}

std::vector<CallAnswer> DeadlineKernel::call(std::span<const CallRequest> requests)
{
    constexpr std::size_t most_at_once = 128; // their answers are one message, too
    std::vector<CallAnswer> answers;
    answers.reserve(requests.size());
    while (answers.size() < requests.size()) {
        auto left = requests.subspan(answers.size());
        left = left.first(std::min(left.size(), most_at_once));
        // Without memory or processes for a worker a call without a deadline is still better than none.
        if (worker_ < 0 && !start_worker()) {
            answers.push_back(perform(kernel_, left.front()));
            continue;
        }
        auto done = ask(left);
        if (done) {
            std::ranges::move(*done, std::back_inserter(answers));
            continue;
        }
        const std::size_t lost = std::min<std::size_t>(progress_->call, left.size() - 1);
        if (done.error().code != EMSGSIZE)
            abandon_worker();
        // Those before it have been made, but nobody knows with what result.
        if (lost > 0)
            std::ranges::move(call(left.first(lost)), std::back_inserter(answers));
        answers.push_back({std::move(done.error()), {}});
    }
    return answers;
}

CallAnswer DeadlineKernel::call(const CallRequest& request)
{
    return std::move(call(std::span(&request, 1)).front());
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

std::vector<Result<void>> DeadlineKernel::set_overrides(std::span<const Pin> pins)
{
    std::vector<CallRequest> requests;
    requests.reserve(pins.size());
    for (const Pin& pin : pins)
        requests.push_back({CallRequest::Call::set_override, pin.function, pin.driver, {}, {}, 0});
    std::vector<Result<void>> results;
    results.reserve(pins.size());
    for (CallAnswer& answer : call(requests))
        results.push_back(answer.error ? Result<void>(std::unexpected(std::move(*answer.error))) : Result<void>());
    return results;
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
    return kernel_.bound_driver(function);
}

Result<bool> DeadlineKernel::let_vfs_probe(const Address& function, bool allowed)
{
    CallAnswer answer = call(CallRequest{CallRequest::Call::let_vfs_probe, function, {}, {}, {}, allowed ? 1U : 0U});
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
    CallAnswer answer = call(CallRequest{CallRequest::Call::group_viable, {}, {}, {}, {}, group});
    if (answer.error)
        return std::unexpected(std::move(*answer.error));
    return answer.yes;
}

} // namespace vfio_early
