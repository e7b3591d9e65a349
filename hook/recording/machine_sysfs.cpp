// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/machine_sysfs.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

constexpr std::array<std::string_view, 4> text_keys{"under", "driver", "memory", "physfn"};
constexpr std::array<std::string_view, 2> hex_keys{"header", "serial"};
constexpr std::array<std::string_view, 3> decimal_keys{"group", "vga", "vfs"};

bool is_one_of(std::string_view key, const auto& keys)
{
    return std::ranges::find(keys, key) != keys.end();
}

bool read_pair(std::string_view text, std::uint16_t& first, std::uint16_t& second)
{
    const auto colon = std::min(text.find(':'), text.size());
    const auto one = parse_hex(text.substr(0, colon), 4);
    const auto two = parse_hex(text.substr(std::min(colon + 1, text.size())), 4);
    first = static_cast<std::uint16_t>(one.value_or(0));
    second = static_cast<std::uint16_t>(two.value_or(0));
    return one && two;
}

/// True if the value could be read.
bool read_key(DescribedFunction& function, std::string_view key, std::string_view value)
{
    if (key == "id")
        return read_pair(value, function.ids.vendor, function.ids.device);
    if (key == "subsystem")
        return read_pair(value, function.ids.subvendor, function.ids.subdevice);
    if (key == "class") {
        const auto code = parse_hex(value, 6);
        function.ids.class_code = static_cast<std::uint32_t>(code.value_or(0));
        return code.has_value();
    }
    function.values[std::string(key)] = value;
    if (is_one_of(key, hex_keys))
        return parse_hex(value).has_value();
    if (is_one_of(key, decimal_keys))
        return parse_decimal(value).has_value();
    return is_one_of(key, text_keys);
}

void put(std::string& bytes, std::size_t offset, std::uint64_t value, unsigned count)
{
    for (unsigned index = 0; index < count; ++index)
        bytes[offset + index] = static_cast<char>(value >> 8U * index & 0xffU);
}

/// Configuration space as far as the scan reads it; offsets as in early/machine/scan_text.cpp.
std::string config_space(const DescribedFunction& function)
{
    const std::string serial = function.value("serial");
    std::string bytes(serial.empty() ? 256 : 4096, '\0');
    put(bytes, 0x00, function.ids.vendor, 2);
    put(bytes, 0x02, function.ids.device, 2);
    put(bytes, 0x09, function.ids.class_code, 3);
    put(bytes, 0x0e, parse_hex(function.value("header")).value_or(0), 1);
    put(bytes, 0x2c, function.ids.subvendor, 2);
    put(bytes, 0x2e, function.ids.subdevice, 2);
    if (!serial.empty()) {
        put(bytes, 0x100, 0x00010003, 4);
        put(bytes, 0x104, parse_hex(serial).value_or(0), 8);
    }
    return bytes;
}

std::string uevent(const std::string& address, const DescribedFunction& function, const std::string& driver)
{
    std::string text;
    if (!driver.empty())
        text += "DRIVER=" + driver + "\n";
    std::string ids = function.ids.id_text();
    std::ranges::transform(ids, ids.begin(),
                           [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    text += "PCI_CLASS=" + hex_text(function.ids.class_code, 5) + "\nPCI_ID=" + ids;
    text += "\nPCI_SUBSYS_ID=" + function.ids.subsystem_text() + "\nPCI_SLOT_NAME=" + address;
    return text + "\nMODALIAS=" + function.ids.modalias() + "\n";
}

std::string resource(const std::string& memory)
{
    std::string text;
    for (const std::string_view range : split(memory, ',')) {
        const auto dash = range.find('-');
        const auto first = parse_hex(range.substr(0, dash));
        const auto last = dash == range.npos ? std::nullopt : parse_hex(range.substr(dash + 1));
        text +=
            "0x" + hex_text(first.value_or(0), 16) + " 0x" + hex_text(last.value_or(0), 16) + " 0x0000000000040200\n";
    }
    return text;
}

/// "devices/pci0000:00/0000:00:01.1/0000:01:00.0". On the left: what is wrong.
std::expected<std::string, std::string> device_path(const DescribedFunctions& functions, const std::string& address,
                                                    unsigned depth = 0)
{
    constexpr unsigned deepest = 32;
    const auto found = functions.find(address);
    if (found == functions.end() || depth > deepest)
        return std::unexpected(depth > deepest ? address + " is below itself" : "there is no function " + address);
    const std::string root_bus = "pci" + address.substr(0, address.rfind(':')) + "/";
    const std::string under = found->second.value("under");
    if (under.empty())
        return "devices/" + root_bus + address;
    const auto above = device_path(functions, under, depth + 1);
    if (!above)
        return above;
    // behind VMD there is another root bus
    const bool same_domain = under.substr(0, under.find(':')) == address.substr(0, address.find(':'));
    return *above + "/" + (same_domain ? "" : root_bus) + address;
}

/// A link target that leads from `path` (below /sys) to `target` (below /sys).
std::string relative(const std::string& path, const std::string& target)
{
    std::string up;
    for (auto depth = std::ranges::count(path, '/'); depth > 0; --depth)
        up += "../";
    return up + target;
}

void add_driver(const std::string& name, const std::string& module, bool loadable, RecordedTree& tree)
{
    const std::string directory = "sys/bus/pci/drivers/" + name;
    tree.files[directory + "/bind"] = "";
    tree.files[directory + "/unbind"] = "";
    if (!loadable)
        return;
    tree.links[directory + "/module"] = "../../../../module/" + module;
    tree.files["sys/module/" + module + "/initstate"] = "live\n";
}

void add_device(const std::string& address, const DescribedFunction& function, const std::string& device,
                const std::vector<std::string>& builtin, RecordedTree& tree)
{
    const std::string directory = "sys/" + device + "/";
    std::string driver = function.value("driver");
    std::string module = driver;
    if (const auto slash = driver.find('/'); slash != driver.npos) {
        module = driver.substr(slash + 1);
        driver.resize(slash);
    }
    tree.files[directory + "uevent"] = uevent(address, function, driver);
    tree.files[directory + "config"] = config_space(function);
    tree.files[directory + "driver_override"] = "(null)\n";
    if (is_vga(function.ids))
        tree.files[directory + "boot_vga"] = function.value("vga") == "1" ? "1\n" : "0\n";
    if (const std::string memory = function.value("memory"); !memory.empty())
        tree.files[directory + "resource"] = resource(memory);
    if (const std::string vfs = function.value("vfs"); !vfs.empty())
        tree.files[directory + "sriov_numvfs"] = vfs + "\n";
    if (!driver.empty()) {
        add_driver(driver, module, std::ranges::find(builtin, module) == builtin.end(), tree);
        tree.links[directory + "driver"] = relative(device + "/x", "bus/pci/drivers/" + driver);
    }
    if (const std::string group = function.value("group"); !group.empty()) {
        const std::string members = "kernel/iommu_groups/" + group + "/devices/";
        tree.links[directory + "iommu_group"] = relative(device + "/x", "kernel/iommu_groups/" + group);
        tree.links["sys/" + members + address] = relative(members + "x", device);
    }
    tree.links["sys/bus/pci/devices/" + address] = "../../../" + device;
}

} // namespace

std::string DescribedFunction::value(std::string_view key) const
{
    const auto found = values.find(key);
    return found != values.end() ? found->second : std::string();
}

std::expected<DescribedFunction, std::string> parse_described_function(const std::string& address,
                                                                       std::string_view keys)
{
    const auto parsed = parse_address(address);
    if (!parsed || parsed->text() != address)
        return std::unexpected("not an address, such as 0000:01:00.0: " + address);
    DescribedFunction function;
    for (const std::string_view word : split(keys, ' ')) {
        const auto equals = word.find('=');
        const std::string_view value = equals == word.npos ? std::string_view{} : word.substr(equals + 1);
        if (!word.empty() && !read_key(function, word.substr(0, equals), value))
            return std::unexpected("unknown key, or not a value of it: " + std::string(word));
    }
    return function;
}

std::expected<void, std::string> add_sysfs(const DescribedFunctions& functions, const std::vector<std::string>& builtin,
                                           RecordedTree& tree)
{
    for (const auto& [address, function] : functions) {
        const auto device = device_path(functions, address);
        if (!device)
            return std::unexpected(device.error());
        add_device(address, function, *device, builtin, tree);
        const std::string physical = function.value("physfn");
        if (physical.empty())
            continue;
        const auto above = device_path(functions, physical);
        if (!above)
            return std::unexpected(above.error());
        tree.links["sys/" + *device + "/physfn"] = relative(*device + "/x", *above);
    }
    return {};
}

} // namespace vfio_early
