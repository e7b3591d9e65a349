// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/scan.hpp"
#include "tests/support/fixture_pci.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

constexpr Ids card{0x10de, 0x128b, 0x1458, 0x36f6, 0x030000};

TEST(ScanText, ReadsWhatUeventSays)
{
    Function function;
    read_uevent("DRIVER=nouveau\nPCI_CLASS=30000\nPCI_ID=10DE:128B\nPCI_SUBSYS_ID=1458:36F6\n"
                "PCI_SLOT_NAME=0000:01:00.0\nMODALIAS=pci:v000010DE\n",
                function);
    EXPECT_EQ(function.ids, card);
    EXPECT_EQ(function.driver, "nouveau");
}

TEST(ScanText, LeavesOutWhatUeventSaysWrongly)
{
    Function function;
    read_uevent("PCI_CLASS=fffffffff\nPCI_ID=10DE\nPCI_SUBSYS_ID=zz:1\nno equals\n=\nDRIVER", function);
    EXPECT_EQ(function.ids, Ids());
    EXPECT_EQ(function.driver, "");
}

TEST(ScanText, ConfigTellsTheHeaderTypeAndFillsInIds)
{
    Function function;
    read_config(config_header(card, 0x80), function);
    EXPECT_EQ(function.header_type, 0);
    EXPECT_EQ(function.ids, card);

    Function bridge;
    read_config(config_header({0x8086, 1, 0x1234, 0x5678, 0x060400}, 0x81), bridge);
    EXPECT_EQ(bridge.header_type, 1);
    EXPECT_EQ(bridge.ids.subvendor, 0) << "a bridge has no subsystem registers there";

    Function known;
    known.ids = card;
    read_config(config_header({0xffff, 0xffff, 0, 0, 0}, 0), known);
    EXPECT_EQ(known.ids, card) << "a virtual function's own registers are empty";

    Function nothing;
    read_config("short", nothing);
    EXPECT_EQ(nothing.ids, Ids());
}

std::string extended_config(std::initializer_list<std::pair<std::size_t, std::uint32_t>> values)
{
    std::string config(4096, '\0');
    for (const auto& [offset, value] : values)
        for (unsigned index = 0; index < 4; ++index)
            config[offset + index] = static_cast<char>(value >> 8U * index);
    return config;
}

TEST(ScanText, FindsTheSerialNumberInTheCapabilityList)
{
    const auto config =
        extended_config({{0x100, 0x14010001}, {0x140, 0x00010003}, {0x144, 0xff334455}, {0x148, 0x001122ff}});
    EXPECT_EQ(serial_from_config(config), 0x001122ffff334455U);
    EXPECT_EQ(serial_from_config(config.substr(0, 256)), std::nullopt);
    EXPECT_EQ(serial_from_config(config.substr(0, 0x148)), std::nullopt);
}

TEST(ScanText, BrokenCapabilityListsEnd)
{
    EXPECT_EQ(serial_from_config(extended_config({{0x100, 0x10010001}})), std::nullopt) << "a circle";
    EXPECT_EQ(serial_from_config(extended_config({{0x100, 0x04010001}})), std::nullopt) << "into the standard header";
    EXPECT_EQ(serial_from_config(extended_config({{0x100, 0xffc10001}, {0xffc, 0x00010003}})), std::nullopt)
        << "over the end";
    EXPECT_EQ(serial_from_config(std::string(4096, '\xff')), std::nullopt);
    EXPECT_EQ(serial_from_config(""), std::nullopt);
}

TEST(ScanText, ReadsThePathFromTheLink)
{
    const auto text = [](std::string_view link) {
        const auto path = path_from_link(link);
        return path ? path->text() : "none";
    };
    EXPECT_EQ(text("../../../devices/pci0000:00/0000:00:01.1/0000:01:00.0"), "0000:00:01.1/00.0");
    EXPECT_EQ(text("../../../devices/pci0000:00/0000:00:1f.2"), "0000:00:1f.2");
    EXPECT_EQ(text("../../../devices/platform/40.pcie/pci0000:00/0000:00:01.0"), "0000:00:01.0");
    EXPECT_EQ(text("../../../devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0"),
              "10000:e0:06.0/00.0");
    EXPECT_EQ(text("../../../devices/virtual"), "none");
    EXPECT_EQ(text(""), "none");
}

TEST(ScanText, FindsFirmwareFramebuffersInIomem)
{
    const auto ranges = framebuffers_from_iomem("00000000-00000fff : Reserved\n"
                                                "d0000000-d0ffffff : PCI Bus 0000:01\n"
                                                "  d0000000-d0ffffff : 0000:01:00.0\n"
                                                "    d0000000-d02fffff : BOOTFB\n"
                                                "e0000000-e02fffff : efifb\n"
                                                "00000000-00000000 : BOOTFB\n"
                                                "nonsense : BOOTFB\n");
    ASSERT_EQ(ranges.size(), 2U);
    EXPECT_EQ(ranges[0], (MemoryRange{0xd0000000, 0xd02fffff}));
    EXPECT_EQ(ranges[1], (MemoryRange{0xe0000000, 0xe02fffff}));
}

} // namespace
} // namespace vfio_early::test
