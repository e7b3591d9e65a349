// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "tests/support/recorded_machine.hpp"

#include <string>
#include <string_view>
#include <sys/stat.h>

namespace vfio_early::test {

/// A file system root of its own for one test, filled by declarations. Paths have no leading slash; missing parents
/// are made.
class FixtureTree {
public:
    /// Absolute path of the tree, or of an entry.
    [[nodiscard]] const std::string& path() const { return tree_.path(); }
    [[nodiscard]] std::string path(const std::string& entry) const { return tree_.path() + "/" + entry; }
    [[nodiscard]] Root root() const { return std::move(Root::open(tree_.path()).value()); }

    void make_dir(const std::string& entry)
    {
        for (std::size_t slash = 0; slash != std::string::npos;) {
            slash = entry.find('/', slash + 1);
            ::mkdir(path(entry.substr(0, slash)).c_str(), 0755);
        }
    }
    void make_file(const std::string& entry, std::string_view content = {}) { tree_.write(entry, content); }
    void make_link(const std::string& entry, const std::string& target) { tree_.link(entry, target); }
    /// Expands a recording of tests/machines.
    void make_machine(const std::string& name) { expand_machine(name, tree_); }
    /// The content of a file; "" if there is none.
    [[nodiscard]] std::string content(const std::string& entry) const { return root().read(entry).value_or(""); }

private:
    TemporaryTree tree_;
};

} // namespace vfio_early::test
