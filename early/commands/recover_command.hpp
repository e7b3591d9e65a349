// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/commands/options.hpp"
#include "early/model/recovery.hpp"
#include "early/system/root.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace vfio_early {

/// When the wait for root began, in milliseconds of the system's clock; it outlives the calls of one boot.
inline constexpr const char* wait_path = "run/vfio-early/waiting";

/// `vfio-early recover`: if root has been missing for too long, gives back the functions that it may be on: those for
/// which the policy overruled that guard, and, where nobody knows what root is on, all that it could be on. Where
/// nothing of that kind was taken it ends at once. Without
/// options.watch the caller knows that root is missing, calls again and again, and each call looks once. With it
/// this looks by itself until root is there. Gives the exit code of the release, or 0 if there was none.
[[nodiscard]] int run_recover(const Options& options);

/// Where root comes from: the kernel command line with what the image adds to it (/etc/cmdline.d of dracut), or the
/// unit that was made of it for systemd.
[[nodiscard]] RootSource find_root_source(const Root& root);

/// True if root has come: it is mounted (or /proc is away, which means the same here), or its block device is there
/// (a file system check may take long).
[[nodiscard]] bool root_has_come(const Root& root, const RootSource& source);

/// One look at the wait of `options`: `clock` is a clock that does not stop between calls. How long the wait took if it
/// is time, else nothing. A wait begins with the first look, and anew while a passphrase is being asked for
/// (/run/systemd/ask-password): that takes as long as a person takes. Once it was time it never is again in this boot.
[[nodiscard]] std::optional<std::chrono::milliseconds>
look_at_wait(const Root& root, const RootSource& source, const Options& options, std::chrono::milliseconds clock);

/// What the kernel log says before anything is given back: "/ has not come in 10.2 s: ..."
[[nodiscard]] std::string recovery_reason(std::chrono::milliseconds waited);

} // namespace vfio_early
