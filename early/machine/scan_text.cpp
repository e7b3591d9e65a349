// SPDX-License-Identifier: GPL-2.0-or-later
// The pure half of the scan: what the kernel's texts mean.
#include "early/machine/scan.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

/// "10DE:128B" into two numbers; leaves them alone if it is anything else.
void read_id_pair(std::string_view text, std::uint16_t& first, std::uint16_t& second)
{
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return;
    const auto left = parse_hex(text.substr(0, colon), 4);
    const auto right = parse_hex(text.substr(colon + 1), 4);
    if (!left || !right)
        return;
    first = static_cast<std::uint16_t>(*left);
    second = static_cast<std::uint16_t>(*right);
}

std::uint32_t little_endian(std::string_view bytes, std::size_t offset, unsigned count)
{
    std::uint32_t value = 0;
    for (unsigned index = count; index-- > 0;)
        value = value << 8U | static_cast<unsigned char>(bytes[offset + index]);
    return value;
}

} // namespace

void read_uevent(std::string_view uevent, Function& function)
{
    while (!uevent.empty()) {
        std::string_view value = take_piece(uevent, '\n');
        const std::string_view key = take_piece(value, '=');
        if (key == "DRIVER") {
            function.driver = value;
        } else if (key == "PCI_CLASS") {
            if (const auto code = parse_hex(value, 6))
                function.ids.class_code = static_cast<std::uint32_t>(*code);
        } else if (key == "PCI_ID") {
            read_id_pair(value, function.ids.vendor, function.ids.device);
        } else if (key == "PCI_SUBSYS_ID") {
            read_id_pair(value, function.ids.subvendor, function.ids.subdevice);
        }
    }
}

// Offsets: PCI Local Bus Specification 3.0, figures 6-1 and 6-2.
void read_config(std::string_view config, Function& function)
{
    constexpr std::size_t vendor = 0x00;
    constexpr std::size_t device = 0x02;
    constexpr std::size_t class_code = 0x09;
    constexpr std::size_t header_type = 0x0e;
    constexpr std::size_t subvendor = 0x2c;
    constexpr std::size_t subdevice = 0x2e;
    constexpr std::uint8_t multi_function = 0x80;

    if (config.size() <= header_type)
        return;
    const auto type = static_cast<std::uint8_t>(config[header_type]);
    function.header_type = type & static_cast<std::uint8_t>(~multi_function);
    // The kernel's word counts first: its quirks mend wrong registers, and a virtual function has none of its own.
    if (function.ids.vendor != 0)
        return;
    function.ids.vendor = static_cast<std::uint16_t>(little_endian(config, vendor, 2));
    function.ids.device = static_cast<std::uint16_t>(little_endian(config, device, 2));
    function.ids.class_code = little_endian(config, class_code, 3);
    if (function.header_type == 0 && config.size() >= subdevice + 2) {
        function.ids.subvendor = static_cast<std::uint16_t>(little_endian(config, subvendor, 2));
        function.ids.subdevice = static_cast<std::uint16_t>(little_endian(config, subdevice, 2));
    }
}

// PCI Express Base Specification 4.0, 7.6.3 (list of extended capabilities) and 7.9.3 (serial number).
std::optional<std::uint64_t> serial_from_config(std::string_view config)
{
    constexpr std::size_t first_capability = 0x100;
    constexpr std::uint32_t serial_number = 0x0003;
    // Each capability takes at least 8 bytes; a longer list runs in a circle.
    constexpr unsigned most_capabilities = (4096 - first_capability) / 8;

    std::size_t offset = first_capability;
    for (unsigned count = 0; count < most_capabilities; ++count) {
        if (offset < first_capability || offset + 4 > config.size())
            return {};
        const std::uint32_t header = little_endian(config, offset, 4);
        if (header == 0 || header == 0xffffffffU)
            return {};
        if ((header & 0xffffU) == serial_number) {
            if (offset + 12 > config.size())
                return {};
            const std::uint64_t upper = little_endian(config, offset + 8, 4);
            return upper << 32U | little_endian(config, offset + 4, 4);
        }
        offset = header >> 20U & 0xffcU;
    }
    return {};
}

// "0xFIRST 0xLAST 0xFLAGS" a line, the six BARs first (resource_show(), drivers/pci/pci-sysfs.c).
std::array<std::optional<MemoryRange>, 6> memory_bars(std::string_view resource)
{
    constexpr std::uint64_t is_memory = 0x200; // IORESOURCE_MEM, include/linux/ioport.h
    std::array<std::optional<MemoryRange>, 6> bars;
    const auto lines = split(resource, '\n');
    for (std::size_t bar = 0; bar < bars.size() && bar < lines.size(); ++bar) {
        const auto words = split(lines[bar], ' ');
        std::array<std::uint64_t, 3> numbers{};
        bool good = words.size() >= numbers.size();
        for (std::size_t index = 0; good && index < numbers.size(); ++index) {
            const auto number = parse_hex(words[index].substr(words[index].starts_with("0x") ? 2 : 0));
            numbers[index] = number.value_or(0);
            good = number.has_value();
        }
        if (good && (numbers[2] & is_memory) != 0 && numbers[0] < numbers[1])
            bars[bar] = MemoryRange{numbers[0], numbers[1]};
    }
    return bars;
}

std::optional<Path> path_from_link(std::string_view target)
{
    std::vector<Address> addresses;
    while (!target.empty())
        if (const auto address = parse_address(take_piece(target, '/')))
            addresses.push_back(*address);
        else
            addresses.clear(); // a host bridge; behind VMD a second one stands in the way, and its root bus counts
    if (addresses.empty())
        return {};
    Path path{addresses.front(), {}};
    for (std::size_t index = 1; index < addresses.size(); ++index)
        path.hops.push_back({addresses[index].device, addresses[index].function});
    return path;
}

std::optional<MemoryHolder> parse_iomem_line(std::string_view line)
{
    const std::size_t colon = line.find(" : ");
    if (colon == std::string_view::npos)
        return {};
    const std::string_view range = trim(line.substr(0, colon));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos)
        return {};
    const auto first = parse_hex(range.substr(0, dash));
    const auto last = parse_hex(range.substr(dash + 1));
    // Without CAP_SYS_ADMIN every range reads 0-0.
    if (!first || !last || *first >= *last)
        return {};
    return MemoryHolder{{*first, *last}, trim(line.substr(colon + 3))};
}

// BOOTFB: drivers/firmware/sysfb_simplefb.c; the others are what the drivers of firmware framebuffers call the range.
bool is_framebuffer_name(std::string_view name)
{
    constexpr std::array<std::string_view, 7> names{"BOOTFB",    "efifb",  "simplefb", "vesafb",
                                                    "simpledrm", "efidrm", "vesadrm"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<MemoryRange> framebuffers_from_iomem(std::string_view iomem)
{
    std::vector<MemoryRange> ranges;
    for (const std::string_view line : split(iomem, '\n'))
        if (const auto holder = parse_iomem_line(line); holder && is_framebuffer_name(holder->name))
            ranges.push_back(holder->range);
    return ranges;
}

} // namespace vfio_early
