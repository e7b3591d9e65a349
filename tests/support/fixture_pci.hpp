// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"
#include "early/model/text.hpp"
#include "tests/support/fixture_tree.hpp"

#include <cctype>
#include <string>

namespace vfio_early::test {

/// Declares one PCI function in a fixture tree, with the attributes and links that the kernel gives it.
struct FixtureFunction {
    std::string device; ///< below sys/devices: "pci0000:00/0000:00:01.0/0000:01:00.0"
    Ids ids{};
    int group = -1; ///< none
    std::string driver{};
    std::uint8_t header_type = 0;
    std::string driver_override = "(null)";

    [[nodiscard]] std::string address() const { return std::string(base_name(device)); }
    [[nodiscard]] std::string directory() const { return "sys/devices/" + device; }
};

inline std::string upper_hex(std::uint64_t value, unsigned digits)
{
    std::string text = hex_text(value, digits);
    for (char& letter : text)
        letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return text;
}

/// The 64 bytes of the standard header.
inline std::string config_header(const Ids& ids, std::uint8_t header_type)
{
    std::string config(64, '\0');
    const auto put = [&](std::size_t offset, std::uint32_t value, unsigned bytes) {
        for (unsigned index = 0; index < bytes; ++index)
            config[offset + index] = static_cast<char>(value >> 8U * index);
    };
    put(0x00, ids.vendor, 2);
    put(0x02, ids.device, 2);
    put(0x09, ids.class_code, 3);
    put(0x0e, header_type, 1);
    put(0x2c, ids.subvendor, 2);
    put(0x2e, ids.subdevice, 2);
    return config;
}

/// "../" often enough to climb from `directory` to the tree's top.
inline std::string up_from(const std::string& directory)
{
    std::string up;
    for (std::size_t count = split(directory, '/').size(); count > 0; --count)
        up += "../";
    return up;
}

inline void make_function(FixtureTree& tree, const FixtureFunction& function)
{
    const std::string directory = function.directory();
    std::string uevent = function.driver.empty() ? "" : "DRIVER=" + function.driver + "\n";
    uevent += "PCI_CLASS=" + upper_hex(function.ids.class_code, 1) + "\n";
    uevent += "PCI_ID=" + upper_hex(function.ids.vendor, 4) + ":" + upper_hex(function.ids.device, 4) + "\n";
    uevent +=
        "PCI_SUBSYS_ID=" + upper_hex(function.ids.subvendor, 4) + ":" + upper_hex(function.ids.subdevice, 4) + "\n";
    uevent += "PCI_SLOT_NAME=" + function.address() + "\n";
    tree.make_file(directory + "/uevent", uevent);
    tree.make_file(directory + "/config", config_header(function.ids, function.header_type));
    tree.make_file(directory + "/driver_override", function.driver_override + "\n");
    if (function.group >= 0) {
        const std::string group = "kernel/iommu_groups/" + std::to_string(function.group);
        tree.make_link("sys/" + group + "/devices/" + function.address(), "../../../../devices/" + function.device);
        tree.make_link(directory + "/iommu_group", up_from(function.device) + "../" + group);
    }
    if (!function.driver.empty()) {
        const std::string driver = "bus/pci/drivers/" + function.driver;
        tree.make_dir("sys/" + driver);
        tree.make_link(directory + "/driver", up_from(function.device) + "../" + driver);
    }
    tree.make_link(directory + "/subsystem", up_from(function.device) + "../bus/pci");
    tree.make_link("sys/bus/pci/devices/" + function.address(), "../../../devices/" + function.device);
}

} // namespace vfio_early::test
