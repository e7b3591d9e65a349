// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vfio_early::test {

/// A directory in the temporary folder, removed with all that is in it at the end.
class TemporaryTree {
public:
    TemporaryTree();
    ~TemporaryTree();
    TemporaryTree(const TemporaryTree&) = delete;
    TemporaryTree& operator=(const TemporaryTree&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    /// Writes a file below it, directories made as needed.
    void write(const std::string& path, std::string_view text) const;
    void link(const std::string& path, const std::string& target) const;
    [[nodiscard]] std::string read(const std::string& path) const;
    [[nodiscard]] bool exists(const std::string& path) const;

private:
    std::string path_;
};

} // namespace vfio_early::test
