// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/vfio_open.hpp"

#include "early/machine/interrupts.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/types.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace vfio_early {

namespace {

// From linux/vfio.h and linux/iommufd.h of Linux 6.6; the headers here may be older than the kernel that runs.
struct BindIommufd {
    __u32 argsz;
    __u32 flags;
    __s32 iommufd;
    __u32 out_devid;
};
struct AttachIommufd {
    __u32 argsz;
    __u32 flags;
    __u32 pt_id;
};
struct AllocateAddressSpace {
    __u32 size;
    __u32 flags;
    __u32 out_ioas_id;
};
constexpr unsigned long bind_iommufd = _IO(VFIO_TYPE, VFIO_BASE + 18);
constexpr unsigned long attach_iommufd = _IO(VFIO_TYPE, VFIO_BASE + 19);
constexpr unsigned long allocate_address_space = _IO(';', 0x81);

template <typename Argument>
int call(const FileDescriptor& file, unsigned long request, Argument argument)
{
    return ::ioctl(file.get(), request, argument);
}

bool is_busy(const SystemError& error)
{
    return error.code == EBUSY;
}

/// Gives errno, or 0.
int map_and_read(const FileDescriptor& device, const vfio_region_info& region)
{
    const auto offset = static_cast<off_t>(region.offset);
    void* const memory = ::mmap(nullptr, region.size, PROT_READ, MAP_SHARED, device.get(), offset);
    if (memory != MAP_FAILED)
        ::munmap(memory, region.size);
    else if (errno != EINVAL || (region.flags & VFIO_REGION_INFO_FLAG_CAPS) == 0) // else it can be mapped in parts
        return errno;
    // Not through the mapping: where the function does not answer, that ends in SIGBUS.
    std::uint32_t word = 0;
    return ::pread(device.get(), &word, sizeof word, offset) < 0 ? errno : 0;
}

/// The kernel reserves the memory of a BAR for VFIO when it is first used, not when the function is opened
/// (vfio_pci_core_mmap(), vfio_pci_core_setup_barmap()). What a virtual machine does not map it may never use.
void try_bar(const FileDescriptor& device, const vfio_region_info& region, VfioView& view)
{
    if (region.size == 0 || (region.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0)
        return;
    if (const int code = map_and_read(device, region); code != 0)
        view.blocked.push_back({region.index, code});
    else
        ++view.mapped;
}

Result<void> read_regions(const FileDescriptor& device, unsigned count, VfioView& view)
{
    for (unsigned index = 0; index < count; ++index) {
        vfio_region_info region{};
        region.argsz = sizeof region;
        region.index = index;
        if (call(device, VFIO_DEVICE_GET_REGION_INFO, &region) != 0) {
            if (errno == EINVAL)
                continue; // the VGA region of a function that is no VGA device
            return system_error("read region " + std::to_string(index), "of the device", errno);
        }
        view.regions += region.size != 0;
        if (index <= VFIO_PCI_BAR5_REGION_INDEX) {
            view.bytes += region.size;
            try_bar(device, region, view);
        }
    }
    return {};
}

void read_interrupts(const FileDescriptor& device, unsigned count, VfioView& view)
{
    for (unsigned index = 0; index < count; ++index) {
        vfio_irq_info interrupt{};
        interrupt.argsz = sizeof interrupt;
        interrupt.index = index;
        if (call(device, VFIO_DEVICE_GET_IRQ_INFO, &interrupt) == 0)
            view.interrupts += interrupt.count != 0;
    }
}

Result<VfioView> look_at_device(const FileDescriptor& device, const char* interface)
{
    vfio_device_info info{};
    info.argsz = sizeof info;
    if (call(device, VFIO_DEVICE_GET_INFO, &info) != 0)
        return system_error("read the device info of", "the function", errno);
    if ((info.flags & VFIO_DEVICE_FLAGS_PCI) == 0)
        return system_error("read the device info of", "the function", 0, "VFIO does not call it a PCI device");
    VfioView view;
    view.interface = interface;
    if (auto read = read_regions(device, info.num_regions, view); !read)
        return std::unexpected(read.error());
    read_interrupts(device, info.num_irqs, view);
    return view;
}

/// EPERM is how VFIO says that interrupts are not isolated (vfio_iommu_type1_attach_group(), iommufd_device_bind()),
/// and iommufd that the group is not viable (iommu_device_claim_dma_owner()).
std::string why_not_attached(const Root& root, int code)
{
    if (code != EPERM)
        return {};
    return std::string(
        unsafe_interrupts(root).value_or("a native driver or another virtual machine has a function of its group"));
}

Result<void> set_iommu(const Root& root, const FileDescriptor& container)
{
    for (const int type : {VFIO_TYPE1v2_IOMMU, VFIO_TYPE1_IOMMU, VFIO_SPAPR_TCE_v2_IOMMU}) {
        if (call(container, VFIO_CHECK_EXTENSION, type) <= 0)
            continue;
        if (call(container, VFIO_SET_IOMMU, type) == 0)
            return {};
        const int code = errno;
        return system_error("set the IOMMU of", "a VFIO container", code, why_not_attached(root, code));
    }
    return system_error("set the IOMMU of", "a VFIO container", 0,
                        "VFIO has no IOMMU driver; is vfio_iommu_type1 loaded?");
}

Result<VfioView> open_in_group(const Root& root, const Address& address, unsigned number)
{
    const std::string name = "group " + std::to_string(number);
    const auto container = root.open_file("dev/vfio/vfio", O_RDWR);
    if (!container)
        return std::unexpected(container.error());
    const auto group = root.open_file("dev/vfio/" + std::to_string(number), O_RDWR);
    if (!group)
        return std::unexpected(group.error());
    vfio_group_status status{};
    status.argsz = sizeof status;
    if (call(*group, VFIO_GROUP_GET_STATUS, &status) != 0)
        return system_error("read the status of", name, errno);
    if ((status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0)
        return system_error("open", name, 0, "VFIO calls it not viable: a native driver has another of its functions");
    const int container_number = container->get();
    if (call(*group, VFIO_GROUP_SET_CONTAINER, &container_number) != 0)
        return system_error("put into a VFIO container", name, errno);
    if (auto set = set_iommu(root, *container); !set)
        return std::unexpected(set.error());
    const std::string function = address.text();
    const FileDescriptor device(call(*group, VFIO_GROUP_GET_DEVICE_FD, function.c_str()));
    if (!device)
        return system_error("open through VFIO", function, errno);
    return look_at_device(device, "group");
}

/// The name below /dev/vfio/devices ("vfio3"); empty if the function has none.
std::string character_device(const Root& root, const Address& address)
{
    const auto names = root.list("sys/bus/pci/devices/" + address.text() + "/vfio-dev");
    return names && !names->empty() ? names->front() : std::string();
}

/// True if another program has the file open, as its links below /proc tell.
bool is_open_elsewhere(const Root& root, const std::string& path)
{
    const std::string self = std::to_string(::getpid());
    for (const std::string& process : root.list("proc").value_or(std::vector<std::string>())) {
        if (process == self || process.find_first_not_of("0123456789") != std::string::npos)
            continue;
        const std::string folder = "proc/" + process + "/fd";
        for (const std::string& number : root.list(folder).value_or(std::vector<std::string>()))
            if (root.read_link(folder + "/" + number).value_or("") == "/" + path)
                return true;
    }
    return false;
}

Result<VfioView> open_with_iommufd(const Root& root, const Address& address, const std::string& name)
{
    const auto iommufd = root.open_file("dev/iommu", O_RDWR);
    if (!iommufd)
        return std::unexpected(iommufd.error());
    const std::string path = "dev/vfio/devices/" + name;
    const auto device = root.open_file(path, O_RDWR);
    if (!device)
        return std::unexpected(device.error());
    BindIommufd bind{.argsz = sizeof(BindIommufd), .flags = 0, .iommufd = iommufd->get(), .out_devid = 0};
    if (call(*device, bind_iommufd, &bind) != 0) {
        int code = errno;
        // So vfio_df_open() (drivers/vfio/vfio_main.c) says that it is open, where a group says EBUSY; but not it
        // alone.
        if (code == EINVAL && is_open_elsewhere(root, path))
            code = EBUSY;
        return system_error("bind to iommufd", address.text(), code, why_not_attached(root, code));
    }
    AllocateAddressSpace space{.size = sizeof(AllocateAddressSpace), .flags = 0, .out_ioas_id = 0};
    if (call(*iommufd, allocate_address_space, &space) != 0)
        return system_error("allocate an address space in", "iommufd", errno);
    AttachIommufd attach{.argsz = sizeof(AttachIommufd), .flags = 0, .pt_id = space.out_ioas_id};
    if (call(*device, attach_iommufd, &attach) != 0)
        return system_error("attach to an address space", address.text(), errno);
    return look_at_device(*device, "cdev");
}

} // namespace

Result<VfioView> open_through_vfio(const Root& root, const Address& address, std::optional<unsigned> group)
{
    Result<VfioView> view = system_error("open through VFIO", address.text(), ENOENT, "VFIO offers no device for it");
    const std::string device = character_device(root, address);
    if (group && root.exists("dev/vfio/" + std::to_string(*group)))
        view = open_in_group(root, address, *group);
    else if (!device.empty())
        view = open_with_iommufd(root, address, device);
    if (!view && is_busy(view.error())) {
        VfioView busy;
        busy.busy = true;
        return busy;
    }
    return view;
}

} // namespace vfio_early
