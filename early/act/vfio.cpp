// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/vfio.hpp"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

namespace vfio_early {

Result<std::optional<bool>> vfio_group_viable(const Root& root, unsigned group)
{
    constexpr timespec pause{0, 5'000'000};
    constexpr int most_pauses = 100;

    const std::string name = std::to_string(group);
    const std::string node = "dev/vfio/" + name;
    // The class device comes with the first function bound, and devtmpfs then makes the node before the bind
    // returns. The wait is for a /dev that somebody else fills (udev on a system without devtmpfs).
    if (!root.live() || !root.exists("sys/class/vfio/" + name))
        return std::optional<bool>();
    Result<FileDescriptor> file = root.open_file(node, O_RDWR);
    for (int count = 0; !file && file.error().code == ENOENT && count < most_pauses; ++count) {
        ::clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
        file = root.open_file(node, O_RDWR);
    }
    if (!file) {
        // EBUSY: a group can be open once only; a virtual machine has it already.
        if (file.error().code == ENOENT || file.error().code == EBUSY)
            return std::optional<bool>();
        return std::unexpected(file.error());
    }
    vfio_group_status status{};
    status.argsz = sizeof status;
    if (::ioctl(file->get(), VFIO_GROUP_GET_STATUS, &status) != 0)
        return system_error("ask VFIO about group", name, errno);
    return std::optional<bool>((status.flags & VFIO_GROUP_FLAGS_VIABLE) != 0);
}

} // namespace vfio_early
