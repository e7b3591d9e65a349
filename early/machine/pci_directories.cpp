// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/pci_directories.hpp"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr const char* devices_path = "sys/bus/pci/devices";
/// With two files each, half of what a process may have open where nobody has said otherwise (INR_OPEN_CUR,
/// include/uapi/linux/fs.h).
constexpr std::size_t most_open = 256;

} // namespace

Result<std::vector<Address>> PciDirectories::functions() const
{
    const auto names = root_.list_unsorted(devices_path);
    if (!names)
        return std::unexpected(names.error());
    std::vector<Address> functions;
    functions.reserve(names->size());
    for (const std::string& name : *names)
        if (const auto address = parse_address(name))
            functions.push_back(*address);
    std::ranges::sort(functions);
    return functions;
}

Result<int> PciDirectories::devices()
{
    if (!devices_) {
        auto opened = root_.open_file(devices_path, O_PATH | O_DIRECTORY);
        if (!opened)
            return std::unexpected(std::move(opened.error()));
        devices_ = std::move(*opened);
    }
    return devices_.get();
}

Result<PciDirectories::Opened*> PciDirectories::opened(const Address& function)
{
    if (const auto known = open_.find(function.number()); known != open_.end())
        return &known->second;
    const auto above = devices();
    if (!above)
        return std::unexpected(above.error());
    // The entry is a link that leads out of this directory: on a recorded machine it must be followed from its root.
    auto directory = root_.live()
                         ? root_.open_at(*above, function.text(), O_PATH | O_DIRECTORY)
                         : root_.open_file(std::string(devices_path) + "/" + function.text(), O_PATH | O_DIRECTORY);
    if (!directory)
        return std::unexpected(std::move(directory.error()));
    Opened& place = open_.size() < most_open ? open_[function.number()] : last_;
    place = {std::move(*directory), FileDescriptor()};
    return &place;
}

Result<int> PciDirectories::directory(const Address& function)
{
    const auto place = opened(function);
    if (!place)
        return std::unexpected(place.error());
    return (*place)->directory.get();
}

Result<const FileDescriptor*> PciDirectories::driver_override(const Address& function)
{
    const auto place = opened(function);
    if (!place)
        return std::unexpected(place.error());
    FileDescriptor& kept = (*place)->driver_override;
    if (!kept) {
        auto file = root_.open_at((*place)->directory.get(), "driver_override", O_RDWR);
        if (!file)
            return std::unexpected(std::move(file.error()));
        kept = std::move(*file);
    }
    return &kept;
}

std::string_view PciDirectories::link(const Address& function, std::span<char> buffer)
{
    const auto above = devices();
    const ssize_t length = above ? ::readlinkat(*above, function.text().c_str(), buffer.data(), buffer.size()) : -1;
    return length <= 0 ? std::string_view() : std::string_view(buffer.data(), static_cast<std::size_t>(length));
}

} // namespace vfio_early
