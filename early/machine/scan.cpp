// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/scan.hpp"

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

/// The files of one function.
class FunctionDirectory {
public:
    FunctionDirectory(const Root& root, int directory) : root_(root), directory_(directory) {}

    /// One read of an attribute into the buffer; nothing if it is not there or the read fails. The text
    /// holds until the next call.
    std::optional<std::string_view> read(const char* name, std::size_t size = 4096)
    {
        const auto file = root_.open_at(directory_, name, O_RDONLY);
        if (!file)
            return {};
        const ssize_t got = ::read(file->get(), buffer_.data(), std::min(size, buffer_.size()));
        if (got < 0)
            return {};
        return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
    }

    /// The target of a link; empty if there is none.
    std::string_view link(const char* name)
    {
        const ssize_t length = ::readlinkat(directory_, name, buffer_.data(), buffer_.size());
        return length <= 0 ? std::string_view() : std::string_view(buffer_.data(), static_cast<std::size_t>(length));
    }

private:
    const Root& root_;
    int directory_;
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

/// What every function tells. Nothing if it went away meanwhile.
std::optional<Function> read_function(FunctionDirectory& directory, const Address& address, ScanOptions options)
{
    constexpr std::size_t whole_config = 4096;

    Function function;
    function.address = address;
    const auto uevent = directory.read("uevent");
    if (uevent)
        read_uevent(*uevent, function);
    // The kernel has looked at the header of what it calls a PCI-to-PCI bridge: with another one it would have taken
    // that class away (pci_setup_device(), drivers/pci/probe.c).
    if (uevent && is_pci_bridge(function.ids))
        function.header_type = 1;
    if (!uevent || options.serials) {
        const auto config = directory.read("config", whole_config);
        if (!uevent && !config)
            return {};
        if (config) {
            read_config(*config, function);
            if (options.serials)
                function.serial = serial_from_config(*config);
        }
    }
    function.group = parse_decimal(base_name(directory.link("iommu_group")));
    // Bridges have no virtual functions.
    if (function.header_type == 0) {
        const std::string_view physical = directory.link("physfn");
        function.virtual_function = !physical.empty();
        if (function.virtual_function)
            function.physical_function = parse_address(base_name(physical));
    }
    return function;
}

/// The kernel takes the class away from what is called a PCI-to-PCI or CardBus bridge and has another header, or the
/// other way round (pci_setup_device(), drivers/pci/probe.c), so that the registers tell more only of other bridges,
/// and of what has no class. Should there be a bridge that calls itself a card nevertheless, vfio-pci refuses it
/// (vfio_pci_core_register_device()).
bool header_known_by_class(const Ids& ids)
{
    constexpr std::uint8_t bridge = 0x06;
    return is_pci_bridge(ids) || (ids.base_class() != bridge && ids.class_code != 0);
}

/// What guards depend on.
void look_closer_at(FunctionDirectory& directory, Function& function)
{
    constexpr std::size_t standard_header = 64;
    if (!header_known_by_class(function.ids)) {
        if (const auto config = directory.read("config", standard_header))
            read_config(*config, function);
    }
    if (function.header_type == 0 && !function.virtual_function) {
        if (const auto count = directory.read("sriov_numvfs")) {
            function.vfs_enabled = parse_decimal(trim(*count)).value_or(0);
            if (const auto possible = directory.read("sriov_totalvfs"))
                function.vfs_possible = parse_decimal(trim(*possible)).value_or(0);
        }
    }
}

void read_details(FunctionDirectory& directory, Function& function)
{
    look_closer_at(directory, function);
    const auto pin = directory.read("driver_override");
    function.has_driver_override = pin.has_value();
    if (pin && trim(*pin) != "(null)")
        function.driver_override = trim(*pin);
    if (is_vga(function.ids)) {
        if (const auto boot_vga = directory.read("boot_vga"))
            function.boot_vga = trim(*boot_vga) == "1";
    }
    if (is_display(function.ids)) {
        if (const auto resource = directory.read("resource"))
            function.memory = memory_bars(*resource);
    }
}

} // namespace

Result<Machine> scan_pci(PciDirectories& directories, ScanOptions options)
{
    const auto names = directories.names();
    if (!names)
        return std::unexpected(names.error());

    Machine machine;
    machine.functions.reserve(names->size());
    bool display = false;
    for (const std::string& name : *names) {
        const auto address = parse_address(name);
        const auto opened = address ? directories.directory(*address) : Result<int>(system_error({}, {}, EINVAL));
        if (!opened)
            continue;
        FunctionDirectory directory(directories.root(), *opened);
        auto function = read_function(directory, *address, options);
        if (!function)
            continue;
        if (options.details)
            read_details(directory, *function);
        if (options.places) {
            std::array<char, PATH_MAX> target;
            if (auto path = path_from_link(directories.link(*address, target)))
                function->path = std::move(*path);
        }
        display = display || is_display(function->ids);
        machine.functions.push_back(std::move(*function));
    }
    // Names sort as addresses do until a domain has more digits than four (VMD).
    std::ranges::sort(machine.functions, {}, &Function::address);
    if (display && options.details) {
        if (const auto iomem = directories.root().read("proc/iomem"))
            machine.firmware_framebuffers = framebuffers_from_iomem(*iomem);
    }
    return machine;
}

Result<Machine> scan_pci(const Root& root, ScanOptions options)
{
    PciDirectories directories(root);
    return scan_pci(directories, options);
}

void look_closer(PciDirectories& directories, Machine& machine, std::span<const Address> functions)
{
    for (const Address& address : functions) {
        const auto place = std::ranges::lower_bound(machine.functions, address, {}, &Function::address);
        if (place == machine.functions.end() || place->address != address)
            continue;
        if (const auto opened = directories.directory(address)) {
            FunctionDirectory directory(directories.root(), *opened);
            look_closer_at(directory, *place);
        }
    }
}

} // namespace vfio_early
