// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/boot/guest/facts.hpp"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

namespace vfio_early::boot_test {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view pci_devices = "/sys/bus/pci/devices";

std::string first_line(const fs::path& path)
{
    const std::string text = read_file(path);
    return text.substr(0, text.find('\n'));
}

std::string link_name(const fs::path& path)
{
    std::error_code ignored;
    return fs::read_symlink(path, ignored).filename();
}

std::string without_prefix(const std::string& text)
{
    return text.starts_with("0x") ? text.substr(2) : text;
}

std::set<std::string> names_in(const fs::path& directory)
{
    std::set<std::string> names;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored))
        names.insert(entry.path().filename());
    return names;
}

std::string group_status(const std::string& node)
{
    const int group = ::open(node.c_str(), O_RDWR | O_CLOEXEC);
    if (group < 0)
        return std::strerror(errno);
    vfio_group_status status{};
    status.argsz = sizeof status;
    const int result = ::ioctl(group, VFIO_GROUP_GET_STATUS, &status);
    const int error = errno;
    ::close(group);
    if (result != 0)
        return std::strerror(error);
    return (status.flags & VFIO_GROUP_FLAGS_VIABLE) != 0 ? "viable" : "not viable";
}

} // namespace

std::string read_file(const std::string& path)
{
    std::string text;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return text;
    char chunk[16384];
    ssize_t count = 0;
    while ((count = ::read(file, chunk, sizeof chunk)) > 0)
        text.append(chunk, static_cast<std::size_t>(count));
    ::close(file);
    return text;
}

std::string list_pci()
{
    std::string lines;
    for (const std::string& address : names_in(pci_devices)) {
        const fs::path device = fs::path(pci_devices) / address;
        const std::string id =
            without_prefix(first_line(device / "vendor")) + ":" + without_prefix(first_line(device / "device"));
        std::string pin = first_line(device / "driver_override");
        if (pin == "(null)")
            pin.clear();
        lines += address + "\t" + id + "\t" + without_prefix(first_line(device / "class")) + "\t" +
                 link_name(device / "driver") + "\t" + pin + "\t" + link_name(device / "iommu_group") + "\n";
    }
    return lines;
}

std::string list_groups()
{
    std::string lines;
    for (const std::string& name : names_in("/dev/vfio"))
        if (name.find_first_not_of("0123456789") == std::string::npos)
            lines += name + "\t" + group_status("/dev/vfio/" + name) + "\n";
    return lines;
}

std::string read_kernel_log()
{
    std::string log;
    const int kmsg = ::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (kmsg < 0)
        return log;
    char record[8192];
    while (true) {
        // one read gives one record
        const ssize_t count = ::read(kmsg, record, sizeof record);
        if (count > 0) {
            log.append(record, static_cast<std::size_t>(count));
            log.push_back('\0');
        } else if (count < 0 && errno == EPIPE) {
            // records were overwritten: go on with the oldest there is
            continue;
        } else {
            break;
        }
    }
    ::close(kmsg);
    return log;
}

std::string list_modules()
{
    std::string names;
    const std::string modules = read_file("/proc/modules");
    for (std::size_t start = 0; start < modules.size();) {
        names += modules.substr(start, modules.find(' ', start) - start) + "\n";
        start = modules.find('\n', start);
        start = start == std::string::npos ? modules.size() : start + 1;
    }
    return names;
}

} // namespace vfio_early::boot_test
