// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/linux/scan.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <span>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr const char* devices_path = "sys/bus/pci/devices";

/// The target of the link `name` in `directory`, in `buffer`; empty if there is none.
std::string_view link_target(int directory, const char* name, std::span<char> buffer)
{
    const ssize_t length = ::readlinkat(directory, name, buffer.data(), buffer.size());
    return length <= 0 ? std::string_view() : std::string_view(buffer.data(), static_cast<std::size_t>(length));
}

/// The directory of one function, opened once; its attributes are read relative to it.
class FunctionDirectory {
public:
    FunctionDirectory(const Root& root, FileDescriptor directory)
        : root_(root), directory_(std::move(directory))
    {
    }

    /// One read of an attribute into the buffer; nothing if it is not there or the read fails. The text
    /// holds until the next call.
    std::optional<std::string_view> read(const char* name, std::size_t size = 4096)
    {
        const auto file = root_.open_at(directory_.get(), name, O_RDONLY);
        if (!file)
            return {};
        const ssize_t got = ::read(file->get(), buffer_.data(), std::min(size, buffer_.size()));
        if (got < 0)
            return {};
        return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
    }

    std::string_view link(const char* name) { return link_target(directory_.get(), name, buffer_); }

private:
    const Root& root_;
    FileDescriptor directory_;
    std::array<char, 4096> buffer_; // not cleared for each function: what a call has not filled is never looked at
};

/// `resource`: "0xFIRST 0xLAST 0xFLAGS" a line, the six BARs first (resource_show(), drivers/pci/pci-sysfs.c).
std::vector<MemoryRange> memory_bars(std::string_view resource)
{
    constexpr unsigned bars = 6;
    constexpr std::uint64_t is_memory = 0x200; // IORESOURCE_MEM, include/linux/ioport.h
    std::vector<MemoryRange> ranges;
    unsigned line_number = 0;
    for (const std::string_view line : split(resource, '\n')) {
        if (line_number++ == bars)
            break;
        std::array<std::uint64_t, 3> numbers{};
        std::size_t count = 0;
        for (std::string_view word : split(line, ' ')) {
            if (word.starts_with("0x"))
                word.remove_prefix(2);
            const auto number = parse_hex(word);
            if (!number || count == numbers.size())
                break;
            numbers[count++] = *number;
        }
        if (count == numbers.size() && (numbers[2] & is_memory) != 0 && numbers[0] < numbers[1])
            ranges.push_back({numbers[0], numbers[1]});
    }
    return ranges;
}

/// What is asked of some kinds of function only, so that it costs the others nothing.
void read_kind_attributes(FunctionDirectory& directory, Function& function)
{
    // Bridges have no virtual functions.
    if (function.header_type == 0) {
        const std::string_view physical = directory.link("physfn");
        function.virtual_function = !physical.empty();
        if (function.virtual_function) {
            function.physical_function = parse_address(base_name(physical));
        } else if (const auto count = directory.read("sriov_numvfs")) {
            function.vfs_enabled = parse_decimal(trim(*count)).value_or(0);
            if (const auto possible = directory.read("sriov_totalvfs"))
                function.vfs_possible = parse_decimal(trim(*possible)).value_or(0);
        }
    }
    if (is_vga(function.ids)) {
        if (const auto boot_vga = directory.read("boot_vga"))
            function.boot_vga = trim(*boot_vga) == "1";
    }
    if (is_display(function.ids)) {
        if (const auto resource = directory.read("resource"))
            function.memory = memory_bars(*resource);
    }
}

/// Nothing if the function went away meanwhile.
std::optional<Function> read_function(FunctionDirectory& directory, const Address& address, ScanOptions options)
{
    constexpr std::size_t whole_config = 4096;
    constexpr std::size_t standard_header = 64;

    Function function;
    function.address = address;
    const auto uevent = directory.read("uevent");
    if (uevent)
        read_uevent(*uevent, function);
    // The kernel has looked at the header of what it calls a PCI-to-PCI bridge: with another one it would have taken that
    // class away (pci_setup_device(), drivers/pci/probe.c).
    const bool bridge = uevent && is_pci_bridge(function.ids);
    std::optional<std::string_view> config;
    if (bridge && !options.serials)
        function.header_type = 1;
    else
        config = directory.read("config", options.serials ? whole_config : standard_header);
    if (!uevent && !config)
        return {};
    if (config) {
        read_config(*config, function);
        if (options.serials)
            function.serial = serial_from_config(*config);
    }
    const auto pin = directory.read("driver_override");
    function.has_driver_override = pin.has_value();
    if (pin && trim(*pin) != "(null)")
        function.driver_override = trim(*pin);
    function.group = parse_decimal(base_name(directory.link("iommu_group")));
    read_kind_attributes(directory, function);
    return function;
}

} // namespace

Result<Machine> scan_pci(const Root& root, ScanOptions options)
{
    const auto names = root.list(devices_path);
    if (!names)
        return std::unexpected(names.error());
    const auto devices = root.open_file(devices_path, O_PATH | O_DIRECTORY);
    if (!devices)
        return std::unexpected(devices.error());

    Machine machine;
    machine.functions.reserve(names->size());
    bool display = false;
    for (const std::string& name : *names) {
        const auto address = parse_address(name);
        if (!address)
            continue;
        // The entry is a link that leads out of this directory: on a recorded machine it must be followed from its root.
        auto opened = root.live() ? root.open_at(devices->get(), name, O_PATH | O_DIRECTORY)
                                  : root.open_file(std::string(devices_path) + "/" + name, O_PATH | O_DIRECTORY);
        if (!opened)
            continue;
        FunctionDirectory directory(root, std::move(*opened));
        auto function = read_function(directory, *address, options);
        if (!function)
            continue;
        std::array<char, PATH_MAX> target;
        if (auto path = path_from_link(link_target(devices->get(), name.c_str(), target)))
            function->path = std::move(*path);
        display = display || is_display(function->ids);
        machine.functions.push_back(std::move(*function));
    }
    // Names sort as addresses do until a domain has more digits than four (VMD).
    std::ranges::sort(machine.functions, {}, &Function::address);
    if (display) {
        if (const auto iomem = root.read("proc/iomem"))
            machine.firmware_framebuffers = framebuffers_from_iomem(*iomem);
    }
    return machine;
}

} // namespace vfio_early
