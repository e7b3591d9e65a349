// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"
#include "hook/host/temporary_directory.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace vfio_early {

/// The facts of a machine as a file system tree: what `snapshot` writes and --machine reads. Paths have no leading
/// slash; directories are those that the paths need.
struct RecordedTree {
    std::map<std::string, std::string> files; ///< path, content
    std::map<std::string, std::string> links; ///< path, target

    bool operator==(const RecordedTree&) const = default;
};

/// Writes it as a tar file, compressed as the suffix of `path` says (.gz, .xz, .zst). The same tree gives the same
/// bytes: times and owners are left out. The file is there as a whole or not at all; one that is there already is an
/// error (EEXIST) unless `overwrite`.
[[nodiscard]] Result<void> write_tar(const RecordedTree& tree, const std::string& path, bool overwrite = true);

/// Reads a tar file of any compression. Other kinds of entry than files and links are an error, and so are more than 64
/// MiB: a recording comes from somebody else.
[[nodiscard]] Result<RecordedTree> read_tar(const std::string& path);

/// Reads a recording of either kind: a tar file, or a machine that somebody has written down (machine_text.hpp), whose
/// bases are NAME.machine beside it. A path that leads out of the tree, or goes through a file or a link of it, is an
/// error.
[[nodiscard]] Result<RecordedTree> read_recording(const std::string& path);

/// "./a//b" as "a/b"; empty if it leads out of the tree.
[[nodiscard]] std::string clean_path(std::string_view text);

/// Writes the tree into a new directory that only this user can enter.
[[nodiscard]] Result<std::shared_ptr<TemporaryDirectory>> unpack(const RecordedTree& tree);

} // namespace vfio_early
