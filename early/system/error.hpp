// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace vfio_early {

/// A failed effect: what was being done, on what, and what the kernel said.
struct SystemError {
    std::string doing;  ///< "write", "read the driver link of", "load"
    std::string on;     ///< a path, an address or a module
    int code = 0;       ///< errno; 0 if no system call failed
    std::string detail; ///< what there is to say beyond the errno; may be empty

    /// "vfio-pci probe: Device or resource busy", for the log
    [[nodiscard]] std::string message() const;
};

template <typename T>
using Result = std::expected<T, SystemError>;

[[nodiscard]] inline std::unexpected<SystemError> system_error(std::string doing, std::string on, int code,
                                                               std::string detail = {})
{
    return std::unexpected(SystemError{std::move(doing), std::move(on), code, std::move(detail)});
}

/// strerror(3) without its locale, so that the log is the same everywhere.
[[nodiscard]] std::string errno_text(int code);

} // namespace vfio_early
