// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What a child process has done so far, written by it and read by its parent: memory that both share, so that nothing
/// is lost when the child hangs or dies, and telling costs no system call.
class SharedLog {
public:
    /// Takes address space for so many bytes; memory only for what is written. Without memory the log takes nothing.
    explicit SharedLog(std::size_t size = std::size_t{64} << 20U);
    SharedLog(const SharedLog&) = delete;
    SharedLog& operator=(const SharedLog&) = delete;
    ~SharedLog();

    [[nodiscard]] bool is_open() const { return header_ != nullptr; }

    /// The child: adds a record, and begins the time of what it does next, which may take `more` than the limit. What
    /// does not fit any more is left out.
    void append(std::string_view record);
    void allow(std::chrono::milliseconds more);

    /// The parent: the records so far, in order.
    [[nodiscard]] std::vector<std::string> records() const;
    /// When the limit of what is being done now is over.
    [[nodiscard]] std::chrono::steady_clock::time_point end(std::chrono::milliseconds limit) const;

private:
    struct Header;
    Header* header_ = nullptr;
    std::size_t size_ = 0;
};

/// Runs `work` in a child process that has a copy of everything, and waits as long as each piece of work that it tells
/// of in `log` takes no longer than `limit`. 0: it came to its end. ETIMEDOUT: it was killed and left behind, because
/// the kernel may not let go of it; what it was doing may still happen. ECHILD: it died. Else there is no child, and
/// nothing was done: ENOMEM without a log, or what fork(2) or pidfd_open(2) (Linux 5.3) say.
[[nodiscard]] int run_in_child(SharedLog& log, std::chrono::milliseconds limit, const std::function<void()>& work);

/// What `work` gives, made by a child; the error is as above.
[[nodiscard]] Result<std::string> work_with_limit(std::chrono::milliseconds limit,
                                                  const std::function<std::string()>& work);

} // namespace vfio_early
