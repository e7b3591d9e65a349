// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vfio_early {

/// Which package brings a configuration file, by dpkg's list of them (the field Conffiles of /var/lib/dpkg/status).
/// Other systems' packages are not known.
class FileOwners {
public:
    explicit FileOwners(const Root& root) : root_(root) {}

    /// Empty if none does, or that is not known. `path` is absolute.
    [[nodiscard]] std::string package_of(const std::string& path);

    static constexpr const char* status_file = "var/lib/dpkg/status";

private:
    const Root& root_;
    std::optional<std::string> status_; ///< read when first asked
};

/// Of dpkg's status what package_of() says of the files in `directory` ("/etc/modprobe.d/") is made of.
[[nodiscard]] std::string owners_of_directory(std::string_view status, std::string_view directory);

} // namespace vfio_early
