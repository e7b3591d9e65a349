// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/write_policy.hpp"

#include "early/commands/policy_files.hpp"
#include "early/model/text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace vfio_early {

namespace {

constexpr unsigned default_mode = 0644;

unsigned mode_of(const Root& root, const std::string& path)
{
    const auto file = root.open_file(path, O_PATH);
    struct stat status{};
    if (!file || ::fstat(file->get(), &status) != 0)
        return default_mode;
    return status.st_mode & 07777U;
}

/// The file that a chain of symbolic links ends at, so that a rename replaces it and not the link.
std::string follow_links(const Root& root, std::string path)
{
    constexpr int most_links = 40; // MAXSYMLINKS of the kernel
    for (int count = 0; count < most_links; ++count) {
        const auto target = root.read_link(path);
        if (!target)
            break;
        if (target->starts_with('/'))
            path = target->substr(1);
        else
            path.replace(path.rfind('/') + 1, std::string::npos, *target);
    }
    return path;
}

Result<EditedFile> open_edited(Result<Root> root, const std::string& path, const std::string& name)
{
    if (!root)
        return std::unexpected(root.error());
    EditedFile file{.root = std::move(*root), .path = path, .name = name, .text = {}};
    auto text = file.root.read(file.path);
    if (text)
        file.text = std::move(*text);
    else if (text.error().code != ENOENT)
        return std::unexpected(text.error());
    return file;
}

} // namespace

Result<void> replace_with_backup(const Root& root, const std::string& path, std::string_view text)
{
    const std::string target = follow_links(root, path);
    const unsigned mode = mode_of(root, target);
    const auto before = root.read(target);
    if (!before && before.error().code != ENOENT)
        return std::unexpected(before.error());
    if (before) {
        if (auto kept = root.replace_file(target + "~", *before, mode); !kept)
            return kept;
    }
    return root.replace_file(target, text, mode);
}

Result<EditedFile> open_policy_file(const HostOptions& options)
{
    if (!options.policy)
        return open_policy_file(options, "/" + std::string(policy_path));
    const std::string directory = options.policy->substr(0, options.policy->rfind('/') + 1);
    return open_edited(Root::open(directory.empty() ? "." : directory), std::string(base_name(*options.policy)),
                       *options.policy);
}

Result<EditedFile> open_policy_file(const HostOptions& options, const std::string& name)
{
    if (options.policy)
        return open_policy_file(options);
    return open_edited(Root::open(options.root), name.substr(1), name);
}

} // namespace vfio_early
