// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/efi_variable.hpp"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr const char* firmware_directory = "sys/firmware/efi";
constexpr const char* variables_directory = "sys/firmware/efi/efivars";
constexpr std::uint64_t efivarfs_magic = 0xde5e81e4; // EFIVARFS_MAGIC, linux/magic.h

constexpr std::size_t attribute_bytes = 4;
/// Non-volatile, for boot services, for the running system (UEFI specification 2.10, 8.2.1), lowest byte first.
constexpr std::string_view kept_attributes("\x07\0\0\0", attribute_bytes);

std::string variable_path(const std::string& name)
{
    return std::string(variables_directory) + "/" + name;
}

bool is_mounted(const Root& root)
{
    const auto directory = root.open_file(variables_directory, O_RDONLY | O_DIRECTORY);
    struct statfs status{};
    return directory && ::fstatfs(directory->get(), &status) == 0 &&
           static_cast<std::uint64_t>(status.f_type) == efivarfs_magic;
}

int mount_them()
{
    const std::string target = std::string("/") + variables_directory;
    return ::mount("efivarfs", target.c_str(), "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0 ? 0 : errno;
}

/// The immutable flag of a variable's file, lifted while this exists.
class LiftedFlag {
public:
    LiftedFlag(const Root& root, const std::string& path)
    {
        auto file = root.open_file(path, O_RDONLY);
        // A file system without such flags (a recorded machine) has none to lift.
        if (!file || ::ioctl(file->get(), FS_IOC_GETFLAGS, &flags_) != 0 || (flags_ & immutable) == 0)
            return;
        const int without = flags_ & ~immutable;
        if (::ioctl(file->get(), FS_IOC_SETFLAGS, &without) == 0)
            file_ = std::move(*file);
    }
    LiftedFlag(const LiftedFlag&) = delete;
    LiftedFlag& operator=(const LiftedFlag&) = delete;
    ~LiftedFlag()
    {
        if (file_ && ::ioctl(file_.get(), FS_IOC_SETFLAGS, &flags_) != 0) {
            // The variable is written; that it can also be removed by accident now is no reason to call that a failure.
        }
    }

private:
    static constexpr int immutable = FS_IMMUTABLE_FL;
    int flags_ = 0;
    FileDescriptor file_;
};

} // namespace

bool booted_by_efi(const Root& root)
{
    return root.exists(firmware_directory);
}

Result<void> mount_efi_variables(const Root& root, const ModuleLoader& load)
{
    if (!root.live() || is_mounted(root))
        return {};
    int code = mount_them();
    if (code == ENODEV) {
        if (auto loaded = load("efivarfs"); !loaded)
            return loaded;
        code = mount_them();
    }
    // EBUSY: somebody else was faster.
    if (code == 0 || (code == EBUSY && is_mounted(root)))
        return {};
    return system_error("mount", std::string("/") + variables_directory, code);
}

Result<std::string> read_efi_variable(const Root& root, const std::string& name)
{
    auto content = root.read(variable_path(name));
    if (!content)
        return content;
    if (content->size() < attribute_bytes)
        return system_error("read", root.prefix() + "/" + variable_path(name), EIO, "shorter than its attributes");
    content->erase(0, attribute_bytes);
    return content;
}

Result<void> write_efi_variable(const Root& root, const std::string& name, std::string_view data)
{
    const std::string path = variable_path(name);
    const bool is_new = !root.exists(path);
    const LiftedFlag lifted(root, path);
    const auto directory = root.open_file(variables_directory, O_RDONLY | O_DIRECTORY);
    if (!directory)
        return std::unexpected(directory.error());
    const auto file = root.open_at(directory->get(), name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY, 0644);
    if (!file)
        return std::unexpected(file.error());
    const std::string content = std::string(kept_attributes) + std::string(data);
    const ssize_t written = ::write(file->get(), content.data(), content.size());
    const int code = written < 0 ? errno : EIO;
    if (written == static_cast<ssize_t>(content.size()))
        return {};
    // An empty file would stay behind, which is a variable to nobody.
    if (is_new) {
        const LiftedFlag of_new(root, path);
        ::unlinkat(directory->get(), name.c_str(), 0);
    }
    return system_error("write", root.prefix() + "/" + path, code);
}

} // namespace vfio_early
