// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/vfio.hpp"

#include "early/model/text.hpp"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

namespace vfio_early {

namespace {

/// What iommu_group_claim_dma_owner() asks of the members (drivers/iommu/iommu.c): no driver that does DMA for the
/// host. That a driver does none (driver_managed_dma) stands nowhere in sysfs: VFIO's have a device of VFIO, and these
/// do not.
Result<std::optional<bool>> members_viable(const Root& root, const std::string& group)
{
    const std::string folder = "sys/kernel/iommu_groups/" + group + "/devices";
    const auto members = root.list(folder);
    if (!members)
        return std::unexpected(members.error());
    for (const std::string& member : *members) {
        const std::string device = folder + "/" + member;
        const auto link = root.read_link(device + "/driver");
        const std::string_view driver = link ? base_name(*link) : std::string_view();
        if (!driver.empty() && driver != "pcieport" && driver != "pci-stub" && !root.exists(device + "/vfio-dev"))
            return std::optional<bool>(false);
    }
    return std::optional<bool>(true);
}

} // namespace

Result<std::optional<bool>> vfio_group_viable(const Root& root, unsigned group)
{
    constexpr timespec pause{0, 5'000'000};
    constexpr int most_pauses = 100;

    const std::string name = std::to_string(group);
    const std::string node = "dev/vfio/" + name;
    Result<FileDescriptor> file = root.open_file(node, O_RDWR);
    // The class device comes with the first function bound, and devtmpfs then makes the node before the bind
    // returns. The wait is for a /dev that somebody else fills (udev on a system without devtmpfs).
    if (!file && !root.exists("sys/class/vfio/" + name))
        return !root.exists("sys/class/vfio") && root.exists("sys/class/vfio-dev") ? members_viable(root, name)
                                                                                   : std::optional<bool>();
    if (!root.live())
        return std::optional<bool>();
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
