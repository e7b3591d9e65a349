// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/call_message.hpp"
#include "early/act/kernel.hpp"
#include "early/system/root.hpp"

#include <atomic>
#include <chrono>
#include <expected>
#include <span>
#include <string>
#include <sys/types.h>
#include <vector>

namespace vfio_early {

/// A Kernel none of whose calls takes longer than `timeout`. They are made by a worker process, forked by the
/// first one. A call that is late gives ETIMEDOUT: its worker is killed and left behind, because a process in an
/// uninterruptible wait dies only when the kernel lets go of it, and so must not be waited for. What it was doing
/// may still happen then. The next call forks another worker. The worker has a copy of `kernel`, which must be
/// usable after fork(2).
class DeadlineKernel final : public Kernel {
public:
    DeadlineKernel(Kernel& kernel, std::chrono::milliseconds timeout) : kernel_(kernel), timeout_(timeout) {}
    DeadlineKernel(const DeadlineKernel&) = delete;
    DeadlineKernel& operator=(const DeadlineKernel&) = delete;
    ~DeadlineKernel() override;

    Result<void> set_override(const Address& function, const std::string& driver) override;
    /// Each has the whole of the timeout for itself.
    std::vector<Result<void>> set_overrides(std::span<const Pin> pins) override;
    Result<void> load_module(const std::string& module, const std::string& options) override;
    Result<void> unbind(const Address& function, const std::string& driver) override;
    Result<void> probe(const Address& function) override;
    Result<void> bind(const Address& function, const std::string& driver) override;
    /// In our own process: there is nothing to wait for.
    Result<std::string> bound_driver(const Address& function) override;
    Result<void> apply(const Address& function, const DeviceSetting& setting) override;
    Result<std::optional<bool>> group_viable(unsigned group) override;
    Result<bool> let_vfs_probe(const Address& function, bool allowed) override;
    Result<void> create_vfs(const Address& function, unsigned count) override;
    /// In a process of its own, which is left behind.
    void release_later(const Address& function, const std::string& driver) override;

private:
    using Clock = std::chrono::steady_clock;

    /// Where a worker is among the calls it was told of, in memory that it shares with us. A page for each worker: one
    /// that was given up may still write.
    struct Progress {
        std::atomic<std::uint32_t> call{0};                    ///< the one it is at
        std::atomic<Clock::duration> since{Clock::duration()}; ///< when that began
        void begin(std::uint32_t number);
    };

    /// In one message, so that the two processes need not take turns. Only for what may be done twice: where one of the
    /// calls hangs, another worker makes all the others, whatever the first has done.
    std::vector<CallAnswer> call(std::span<const CallRequest> requests);
    CallAnswer call(const CallRequest& request);
    /// All answers. Otherwise the worker is gone, or the message is too long, and progress_->call is what it was at.
    std::expected<std::vector<CallAnswer>, SystemError> ask(std::span<const CallRequest> requests);
    int wait_for_answer() const;
    static void serve(Kernel& kernel, int socket, Progress& progress);
    Result<void> call_plain(const CallRequest& request);
    bool start_worker();
    void abandon_worker();

    Kernel& kernel_;
    std::chrono::milliseconds timeout_;
    FileDescriptor socket_;
    Progress* progress_ = nullptr; ///< of the worker
    pid_t worker_ = -1;
};

} // namespace vfio_early
