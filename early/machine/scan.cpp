// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/scan.hpp"

#include "early/model/text.hpp"
#include "early/system/time_limit.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr std::size_t standard_header = 64;

/// The files of one function.
class FunctionDirectory {
public:
    FunctionDirectory(const Root& root, int directory) : root_(root), directory_(directory) {}

    /// One read of an attribute into the buffer; nothing if it is not there or the read fails. The text
    /// holds until the next call.
    std::optional<std::string_view> read(const char* name, std::size_t size = 4096)
    {
        const auto file = root_.open_at(directory_, name, O_RDONLY);
        return file ? read(*file, size) : std::nullopt;
    }

    /// From its start: a file that stays open is read by each look.
    std::optional<std::string_view> read(const FileDescriptor& file, std::size_t size = 4096)
    {
        const ssize_t got = ::pread(file.get(), buffer_.data(), std::min(size, buffer_.size()), 0);
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

/// The registers of every function tell whether it is a bridge. The kernel has looked at them for what it calls a
/// PCI-to-PCI bridge, and takes such a class away from what has another header (pci_setup_device(),
/// drivers/pci/probe.c): only other bridges, and what has no class, have to be asked.
bool header_is_open(const Ids& ids)
{
    constexpr std::uint8_t bridge = 0x06;
    return !is_pci_bridge(ids) && (ids.base_class() == bridge || ids.class_code == 0);
}

void read_display(FunctionDirectory& directory, Function& function)
{
    if (is_vga(function.ids)) {
        if (const auto boot_vga = directory.read("boot_vga"))
            function.boot_vga = trim(*boot_vga) == "1";
    }
    if (const auto resource = directory.read("resource")) {
        for (const auto& bar : memory_bars(*resource))
            if (bar)
                function.memory.push_back(*bar);
    }
}

/// What one function tells. Nothing if it went away meanwhile.
std::optional<Function> read_function(PciDirectories& directories, const Address& address, ScanOptions options)
{
    const auto opened = directories.directory(address);
    if (!opened)
        return {};
    FunctionDirectory directory(directories.root(), *opened);

    Function function;
    function.address = address;
    const auto uevent = directory.read("uevent");
    if (uevent)
        read_uevent(*uevent, function);
    if (uevent && is_pci_bridge(function.ids)) {
        function.header_type = 1;
    } else if (!uevent || header_is_open(function.ids)) {
        const auto config = directory.read("config", standard_header);
        if (!uevent && !config)
            return {};
        if (config)
            read_config(*config, function);
    }
    if (function.header_type != 0)
        return function; // a bridge: nothing else of it counts
    const std::string_view physical = directory.link("physfn");
    function.virtual_function = !physical.empty();
    if (function.virtual_function)
        function.physical_function = parse_address(base_name(physical));
    if (function.driver.empty()) {
        const auto file = directories.driver_override(address);
        const auto pin =
            file ? directory.read(**file) : directory.read("driver_override"); // who may not write may read
        if (pin && trim(*pin) != "(null)")
            function.driver_override = trim(*pin);
    }
    if (options.vfs) {
        if (const auto possible = directory.read("sriov_totalvfs"))
            function.vfs_possible = parse_decimal(trim(*possible)).value_or(0);
    }
    if (is_display(function.ids))
        read_display(directory, function);
    return function;
}

/// `before`: the functions before it, in order of address.
Path path_of(PciDirectories& directories, const Address& address, const std::vector<Function>& before)
{
    const auto is_neighbour = [&](const Function& other) {
        return other.address.domain == address.domain && other.address.bus == address.bus && other.path != Path();
    };
    if (!before.empty() && is_neighbour(before.back())) {
        // Whatever is on one bus hangs from the same bridge (pci_device_add(), drivers/pci/probe.c).
        Path path = before.back().path;
        if (path.hops.empty())
            path.root = address;
        else
            path.hops.back() = {address.device, address.function};
        return path;
    }
    std::array<char, PATH_MAX> target;
    return path_from_link(directories.link(address, target)).value_or(Path());
}

/// Reads the extended configuration space of each, in a process of its own: one function that sleeps too deeply must
/// not stop the boot. What is not there in time has no serial number, and is not bound by one.
void read_serials(PciDirectories& directories, Machine& machine, std::chrono::milliseconds limit)
{
    constexpr std::size_t whole_config = 4096;
    const auto read_all = [&] {
        std::string lines;
        for (const Function& function : machine.functions) {
            const auto opened = directories.directory(function.address);
            if (!opened)
                continue;
            FunctionDirectory directory(directories.root(), *opened);
            const auto config = directory.read("config", whole_config);
            const auto serial = config ? serial_from_config(*config) : std::nullopt;
            if (serial)
                lines += function.address.text() + " " + serial_text(*serial) + "\n";
        }
        return lines;
    };
    const std::string lines = work_with_limit(limit, read_all).value_or("");
    for (const std::string_view line : split(lines, '\n')) {
        const auto words = split(line, ' ');
        const auto address = words.size() == 2 ? parse_address(words[0]) : std::nullopt;
        if (Function* function = address ? machine.find(*address) : nullptr)
            function->serial = parse_serial(words[1]);
    }
}

/// Who is in which group. Of groups without a PCI function nothing is kept.
void read_groups(const Root& root, Machine& machine)
{
    const std::string groups = "sys/kernel/iommu_groups";
    for (const std::string& name : root.list_unsorted(groups).value_or(std::vector<std::string>())) {
        const auto group = parse_decimal(name);
        const std::string folder = groups + "/" + name + "/devices";
        std::vector<OtherMember> others;
        bool has_function = false;
        for (const std::string& member : root.list_unsorted(folder).value_or(std::vector<std::string>())) {
            const auto address = parse_address(member);
            Function* function = address ? machine.find(*address) : nullptr;
            if (function != nullptr) {
                function->group = group;
                has_function = true;
            } else if (!address) {
                const std::string driver = root.read_link(folder + "/" + member + "/driver").value_or("");
                others.push_back({member, std::string(base_name(driver))});
            }
        }
        std::ranges::sort(others, {}, &OtherMember::name);
        if (group && has_function && !others.empty())
            machine.other_members[*group] = std::move(others);
    }
}

/// The last but one directory of its path is its parent (sysfb_parent_dev(), drivers/firmware/sysfb.c).
std::optional<FramebufferDevice> read_framebuffer_device(const Root& root)
{
    const std::string folder = "sys/bus/platform/devices";
    for (const std::string& name : root.list(folder).value_or(std::vector<std::string>())) {
        if (!name.ends_with("-framebuffer.0"))
            continue;
        const std::string target = root.read_link(folder + "/" + name).value_or("/");
        return FramebufferDevice{name, parse_address(base_name(std::string_view(target).substr(0, target.rfind('/'))))};
    }
    return {};
}

/// A physical function has as many virtual functions as name it: nothing more has to be read.
void count_virtual_functions(Machine& machine)
{
    for (const Function& function : machine.functions)
        if (Function* physical = function.physical_function ? machine.find(*function.physical_function) : nullptr)
            ++physical->vfs_enabled;
}

} // namespace

Result<Machine> scan_pci(PciDirectories& directories, ScanOptions options)
{
    const auto addresses = directories.functions();
    if (!addresses)
        return std::unexpected(addresses.error());

    Machine machine;
    machine.functions.reserve(addresses->size());
    bool display = false;
    bool other_display = false; // than VGA
    for (const Address& address : *addresses) {
        auto function = read_function(directories, address, options);
        if (!function)
            continue;
        function->path = path_of(directories, address, machine.functions);
        display = display || is_display(function->ids);
        other_display = other_display || (is_display(function->ids) && !is_vga(function->ids));
        machine.functions.push_back(std::move(*function));
    }
    count_virtual_functions(machine);
    machine.iommu_registered = !directories.root().list("sys/class/iommu").value_or(std::vector<std::string>()).empty();
    read_groups(directories.root(), machine);
    if (options.serials)
        read_serials(directories, machine, options.limit);
    if (display) {
        if (const auto iomem = directories.root().read("proc/iomem"))
            machine.firmware_framebuffers = framebuffers_from_iomem(*iomem);
    }
    if (other_display)
        machine.framebuffer_device = read_framebuffer_device(directories.root());
    return machine;
}

Result<Machine> scan_pci(const Root& root, ScanOptions options)
{
    PciDirectories directories(root);
    return scan_pci(directories, options);
}

void add_pci_ancestors(const Root& root, std::string_view link, std::vector<Address>& functions)
{
    for (const std::string_view part : split(link, '/')) {
        const auto address = parse_address(part);
        if (!address || std::ranges::find(functions, *address) != functions.end())
            continue;
        Function function;
        const auto config = root.read_prefix("sys/bus/pci/devices/" + address->text() + "/config", standard_header);
        if (config)
            read_config(*config, function);
        if (function.header_type == 0)
            functions.push_back(*address);
    }
}

} // namespace vfio_early
