// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <memory>
#include <string>

namespace vfio_early {

/// Something that is removed when the last owner is gone.
struct TemporaryDirectory {
    explicit TemporaryDirectory(std::string directory) : path(std::move(directory)) {}
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string path;
};

/// A new one that only this user can enter: in memory where the system has such a place, or below TMPDIR.
[[nodiscard]] Result<std::shared_ptr<TemporaryDirectory>> make_temporary_directory();

} // namespace vfio_early
