// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/policy.hpp"
#include "early/system/root.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace vfio_early {

/// The name under which a file stands in an image: white space becomes '_', because shells read it.
[[nodiscard]] std::string name_in_image(std::string name);

/// What a generator is told on standard output, a line each, words parted by one space:
///   program SOURCE DEST   copy an executable, and the libraries it is linked with
///   file SOURCE DEST      copy a file
///   module NAME           copy a module, and what it depends on
/// A shell reads it with `while read -r verb source destination`. No path holds white space.
class Staging {
public:
    /// Files are made below `directory`, which exists and whose name holds no white space.
    [[nodiscard]] static Result<Staging> open(const std::string& directory);

    /// A file of the running system, to the same path; `verb` is "program" or "file".
    void add(const std::string& verb, const std::string& path) { lines_ += verb + " " + path + " " + path + "\n"; }
    void add_module(const std::string& name) { lines_ += "module " + name + "\n"; }
    /// Writes the text below the directory, for name_in_image() of `file.name`.
    [[nodiscard]] Result<void> add_text(const PolicyFile& file);

    /// The lines, in the order in which they were added.
    [[nodiscard]] const std::string& lines() const { return lines_; }

private:
    explicit Staging(Root directory) : directory_(std::move(directory)) {}

    Root directory_;
    std::string lines_;
};

} // namespace vfio_early
