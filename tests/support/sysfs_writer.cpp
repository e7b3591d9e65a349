// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/sysfs_writer.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace vfio_early::test {

namespace {

constexpr std::array<std::string_view, 9> known_keys{"under",  "header", "group", "driver", "vga",
                                                     "memory", "serial", "vfs",   "physfn"};

std::uint64_t number(std::string_view text, unsigned digits = 16)
{
    const auto value = parse_hex(text, digits);
    if (!value)
        throw std::runtime_error("not a hex number: " + std::string(text));
    return *value;
}

void read_pair(std::string_view text, std::uint16_t& first, std::uint16_t& second)
{
    const auto colon = text.find(':');
    if (colon == text.npos)
        throw std::runtime_error("no ':' in " + std::string(text));
    first = static_cast<std::uint16_t>(number(text.substr(0, colon), 4));
    second = static_cast<std::uint16_t>(number(text.substr(colon + 1), 4));
}

void put(std::string& bytes, std::size_t offset, std::uint64_t value, unsigned count)
{
    for (unsigned index = 0; index < count; ++index)
        bytes[offset + index] = static_cast<char>(value >> 8U * index & 0xffU);
}

/// Configuration space as far as the scan reads it; offsets as in early/machine/scan_text.cpp.
std::string config_space(const RecordedFunction& function)
{
    const std::string serial = function.value("serial");
    std::string bytes(serial.empty() ? 256 : 4096, '\0');
    put(bytes, 0x00, function.ids.vendor, 2);
    put(bytes, 0x02, function.ids.device, 2);
    put(bytes, 0x09, function.ids.class_code, 3);
    if (const std::string header = function.value("header"); !header.empty())
        put(bytes, 0x0e, number(header, 2), 1);
    put(bytes, 0x2c, function.ids.subvendor, 2);
    put(bytes, 0x2e, function.ids.subdevice, 2);
    if (!serial.empty()) {
        put(bytes, 0x100, 0x00010003, 4);
        put(bytes, 0x104, number(serial), 8);
    }
    return bytes;
}

std::string uevent(const std::string& address, const RecordedFunction& function, const std::string& driver)
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
        text += "0x" + hex_text(number(range.substr(0, dash)), 16) + " 0x" +
                hex_text(number(range.substr(dash + 1)), 16) + " 0x0000000000040200\n";
    }
    return text;
}

/// "devices/pci0000:00/0000:00:01.1/0000:01:00.0", and how deep that is.
std::string device_path(const std::map<std::string, RecordedFunction>& functions, const std::string& address)
{
    const auto found = functions.find(address);
    if (found == functions.end())
        throw std::runtime_error("no function " + address);
    const std::string under = found->second.value("under");
    if (under.empty())
        return "devices/pci" + address.substr(0, address.rfind(':')) + "/" + address;
    return device_path(functions, under) + "/" + address;
}

/// A link target that leads from `path` (below /sys) to `target` (below /sys).
std::string relative(const std::string& path, const std::string& target)
{
    std::string up;
    for (auto depth = std::ranges::count(path, '/'); depth > 0; --depth)
        up += "../";
    return up + target;
}

void write_driver(const std::string& name, const std::string& module, bool loadable, const TemporaryTree& tree)
{
    const std::string directory = "sys/bus/pci/drivers/" + name;
    if (tree.exists(directory + "/bind"))
        return;
    tree.write(directory + "/bind", "");
    tree.write(directory + "/unbind", "");
    if (!loadable)
        return;
    tree.link(directory + "/module", "../../../../module/" + module);
    tree.write("sys/module/" + module + "/initstate", "live\n");
}

} // namespace

std::string RecordedFunction::value(std::string_view key) const
{
    const auto found = values.find(key);
    return found != values.end() ? found->second : std::string();
}

RecordedFunction parse_recorded_function(const std::string& address, std::string_view keys)
{
    if (!parse_address(address))
        throw std::runtime_error("not an address: " + address);
    RecordedFunction function;
    for (const std::string_view word : split(keys, ' ')) {
        if (word.empty())
            continue;
        const auto equals = word.find('=');
        const std::string_view key = word.substr(0, equals);
        const std::string_view value = equals == word.npos ? std::string_view{} : word.substr(equals + 1);
        if (key == "id")
            read_pair(value, function.ids.vendor, function.ids.device);
        else if (key == "subsystem")
            read_pair(value, function.ids.subvendor, function.ids.subdevice);
        else if (key == "class")
            function.ids.class_code = static_cast<std::uint32_t>(number(value, 6));
        else if (std::ranges::find(known_keys, key) != known_keys.end())
            function.values[std::string(key)] = value;
        else
            throw std::runtime_error("unknown key: " + std::string(key));
    }
    return function;
}

void write_sysfs(const std::map<std::string, RecordedFunction>& functions, const std::vector<std::string>& builtin,
                 const TemporaryTree& tree)
{
    for (const auto& [address, function] : functions) {
        const std::string device = device_path(functions, address);
        const std::string directory = "sys/" + device + "/";
        std::string driver = function.value("driver");
        std::string module = driver;
        if (const auto slash = driver.find('/'); slash != driver.npos) {
            module = driver.substr(slash + 1);
            driver.resize(slash);
        }
        tree.write(directory + "uevent", uevent(address, function, driver));
        tree.write(directory + "config", config_space(function));
        tree.write(directory + "driver_override", "(null)\n");
        if (is_vga(function.ids))
            tree.write(directory + "boot_vga", function.value("vga") == "1" ? "1\n" : "0\n");
        if (const std::string memory = function.value("memory"); !memory.empty())
            tree.write(directory + "resource", resource(memory));
        if (const std::string vfs = function.value("vfs"); !vfs.empty())
            tree.write(directory + "sriov_numvfs", vfs + "\n");
        if (const std::string physfn = function.value("physfn"); !physfn.empty())
            tree.link(directory + "physfn", relative(device + "/x", device_path(functions, physfn)));
        if (!driver.empty()) {
            write_driver(driver, module, std::ranges::find(builtin, module) == builtin.end(), tree);
            tree.link(directory + "driver", relative(device + "/x", "bus/pci/drivers/" + driver));
        }
        if (const std::string group = function.value("group"); !group.empty()) {
            const std::string members = "kernel/iommu_groups/" + group + "/devices/";
            tree.link(directory + "iommu_group", relative(device + "/x", "kernel/iommu_groups/" + group));
            tree.link("sys/" + members + address, relative(members + "x", device));
        }
        tree.link("sys/bus/pci/devices/" + address, "../../../" + device);
    }
}

} // namespace vfio_early::test
