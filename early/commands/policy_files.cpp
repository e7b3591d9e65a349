// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/policy_files.hpp"

#include "early/commands/trial.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace vfio_early {

namespace {

constexpr std::size_t largest_policy = std::size_t{1} << 20U;

Result<PolicyFile> read_opened(const FileDescriptor& file, const std::string& name)
{
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return system_error("read", name, errno);
    if (!S_ISREG(status.st_mode))
        return system_error("read", name, S_ISDIR(status.st_mode) ? EISDIR : EINVAL, "not a regular file");
    if (static_cast<std::size_t>(status.st_size) > largest_policy)
        return system_error("read", name, EFBIG, "larger than 1 MiB");
    auto content = read_up_to(file, largest_policy + 1);
    if (!content)
        return system_error("read", name, content.error().code);
    if (content->size() > largest_policy)
        return system_error("read", name, EFBIG, "larger than 1 MiB");
    return PolicyFile{name, std::move(*content)};
}

/// O_NONBLOCK: opening a FIFO must not wait for a writer.
constexpr int open_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

Result<PolicyFile> read_below(const Root& root, const std::string& path)
{
    const std::string name = "/" + path;
    const auto file = root.open_file(path, open_flags);
    if (!file)
        return system_error("read", name, file.error().code);
    return read_opened(*file, name);
}

Result<PolicyFile> read_named(const std::string& name)
{
    const FileDescriptor file(::open(name.c_str(), open_flags | O_CLOEXEC));
    if (!file)
        return system_error("read", name, errno);
    return read_opened(file, name);
}

/// Of an initrd's own service manager, which takes them from the firmware's tables, the virtual machine's configuration
/// and the kernel command line (systemd's import-creds.c). Readable by root only.
constexpr const char* system_credentials = "run/credentials/@system";
constexpr std::string_view credential_name = "vfio-early.conf";

bool is_policy_credential(std::string_view name)
{
    return name == credential_name || (name.starts_with("vfio-early.") && name.ends_with(".conf"));
}

/// What cannot be read is no credential: the service manager's copies are regular files of at most 1 MiB.
void add_credentials(const Root& root, std::vector<PolicyFile>& files)
{
    std::string directory = kept_credentials;
    auto list = root.list(directory);
    if (!list && is_initramfs(root))
        list = root.list(directory = system_credentials);
    auto names = std::move(list).value_or(std::vector<std::string>());
    std::erase_if(names, [](const std::string& name) { return !is_policy_credential(name); });
    std::ranges::stable_partition(names, [](const std::string& name) { return name == credential_name; });
    for (const std::string& name : names)
        if (auto file = read_below(root, directory + "/" + name))
            files.push_back({.name = "credential:" + name, .text = std::move(file->text), .credential = true});
}

} // namespace

Result<void> keep_credentials(const Root& root, const std::vector<PolicyFile>& files)
{
    for (const PolicyFile& file : files) {
        if (!file.credential)
            continue;
        const std::string name = file.name.substr(file.name.find(':') + 1);
        if (auto kept = root.replace_file(std::string(kept_credentials) + "/" + name, file.text); !kept)
            return kept;
    }
    return {};
}

Result<std::vector<PolicyFile>> read_policy_files(const Root& root, const std::optional<std::string>& policy)
{
    std::vector<PolicyFile> files;
    if (policy) {
        auto file = read_named(*policy);
        if (!file)
            return std::unexpected(std::move(file.error()));
        files.push_back(std::move(*file));
        return files;
    }

    auto main_file = read_below(root, policy_path);
    if (main_file)
        files.push_back(std::move(*main_file));
    else if (main_file.error().code != ENOENT)
        return std::unexpected(std::move(main_file.error()));

    auto names = root.list(drop_in_directory);
    if (!names && names.error().code != ENOENT)
        return std::unexpected(std::move(names.error()));
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
        // A leading dot: editors and package managers leave such files behind.
        if (!name.ends_with(".conf") || name.starts_with('.'))
            continue;
        auto file = read_below(root, std::string(drop_in_directory) + "/" + name);
        if (!file)
            return std::unexpected(std::move(file.error()));
        files.push_back(std::move(*file));
    }
    add_credentials(root, files);
    if (files.empty())
        return std::unexpected(std::move(main_file.error()));
    return files;
}

} // namespace vfio_early
