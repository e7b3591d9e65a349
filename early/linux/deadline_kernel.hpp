// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/linux/call_message.hpp"
#include "early/linux/kernel.hpp"
#include "early/linux/root.hpp"

#include <chrono>
#include <string>
#include <sys/types.h>

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
    Result<void> load_module(const std::string& module, const std::string& options) override;
    Result<void> unbind(const Address& function, const std::string& driver) override;
    Result<void> probe(const Address& function) override;
    Result<void> bind(const Address& function, const std::string& driver) override;
    Result<std::string> bound_driver(const Address& function) override;
    Result<void> apply(const Address& function, const DeviceSetting& setting) override;
    Result<std::optional<bool>> group_viable(unsigned group) override;
    Result<bool> let_vfs_probe(const Address& function, bool allowed) override;
    Result<void> create_vfs(const Address& function, unsigned count) override;
    /// In a process of its own, which is left behind.
    void release_later(const Address& function, const std::string& driver) override;

private:
    CallAnswer call(const CallRequest& request);
    Result<void> call_plain(const CallRequest& request);
    bool start_worker();
    void abandon_worker();

    Kernel& kernel_;
    std::chrono::milliseconds timeout_;
    FileDescriptor socket_;
    pid_t worker_ = -1;
};

} // namespace vfio_early
