// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bitset>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// The address of one PCI function, written DDDD:BB:DD.F as the kernel does
/// (pci_setup_device() in drivers/pci/probe.c: "%04x:%02x:%02x.%d").
struct Address {
    std::uint32_t domain = 0; ///< 16 bits on most machines, 32 behind VMD.
    std::uint8_t bus = 0;
    std::uint8_t device = 0;   ///< 0 to 31
    std::uint8_t function = 0; ///< 0 to 7

    bool operator==(const Address&) const = default;
    auto operator<=>(const Address& other) const { return number() <=> other.number(); }

    [[nodiscard]] std::string text() const;
    /// All of it as one number, in the same order.
    [[nodiscard]] std::uint64_t number() const
    {
        return std::uint64_t{domain} << 24U | unsigned{bus} << 16U | unsigned{device} << 8U | function;
    }
    /// The address without its function: two functions of one slot have the same.
    [[nodiscard]] Address slot() const { return {domain, bus, device, 0}; }
};

/// Reads "0000:01:00.0" or "01:00.0" (domain 0). Nothing for anything else.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

/// The way from the root bus to a function: the address of the function on the root bus,
/// then device and function of each hop. It holds no bus number below the root bus, so it
/// does not change when a card elsewhere makes the kernel number the buses anew.
struct Path {
    struct Hop {
        std::uint8_t device = 0;
        std::uint8_t function = 0;
        auto operator<=>(const Hop&) const = default;
    };
    Address root;          ///< the function on the root bus
    std::vector<Hop> hops; ///< empty for a function on the root bus itself

    auto operator<=>(const Path&) const = default;

    /// "0000:00:01.1/00.0"
    [[nodiscard]] std::string text() const;
};

/// The identity registers of a function (PCI Local Bus Specification 3.0, 6.2.1 and 6.2.4).
struct Ids {
    std::uint16_t vendor = 0;
    std::uint16_t device = 0;
    std::uint16_t subvendor = 0;
    std::uint16_t subdevice = 0;
    std::uint32_t class_code = 0; ///< base class, subclass, programming interface: 0xBBSSPP

    auto operator<=>(const Ids&) const = default;

    [[nodiscard]] std::uint8_t base_class() const { return static_cast<std::uint8_t>(class_code >> 16U); }
    [[nodiscard]] std::uint16_t class_and_subclass() const { return static_cast<std::uint16_t>(class_code >> 8U); }
    [[nodiscard]] std::uint8_t subclass() const { return static_cast<std::uint8_t>(class_code >> 8U); }

    [[nodiscard]] std::string id_text() const;        ///< "10de:128b"
    [[nodiscard]] std::string subsystem_text() const; ///< "1458:36f6"
    /// The string modules.alias is searched with (pci_uevent() in drivers/pci/pci-driver.c).
    [[nodiscard]] std::string modalias() const;
};

/// True for display controllers: VGA, XGA, 3D and other.
[[nodiscard]] inline bool is_display(const Ids& ids)
{
    return ids.base_class() == 0x03;
}
/// True for class 0300, the only one that the kernel's VGA arbiter and boot_vga know.
[[nodiscard]] inline bool is_vga(const Ids& ids)
{
    return ids.class_and_subclass() == 0x0300;
}
/// True for controllers of disks.
[[nodiscard]] inline bool is_storage(const Ids& ids)
{
    return ids.base_class() == 0x01;
}
/// True for NVMe drives, where the disk is the function.
[[nodiscard]] inline bool is_nvme(const Ids& ids)
{
    return ids.class_and_subclass() == 0x0108;
}
/// True for USB controllers.
[[nodiscard]] inline bool is_usb(const Ids& ids)
{
    return ids.class_and_subclass() == 0x0c03;
}
/// True for root ports, switch ports and other bridges to a bus of their own.
[[nodiscard]] inline bool is_pci_bridge(const Ids& ids)
{
    return ids.class_and_subclass() == 0x0604;
}
/// True for functions that a file system can be behind: storage, SD cards, Fibre Channel, and USB.
[[nodiscard]] bool can_hold_disks(const Ids& ids);
/// True for network, InfiniBand and wireless controllers.
[[nodiscard]] bool is_network(const Ids& ids);
/// True for base class 06 except the "other bridge" oddities that have a type 0 header.
[[nodiscard]] bool is_bridge(const Ids& ids, std::uint8_t header_type);

/// One number field of an address pattern. Every value that matches is a set bit, so that
/// matching costs one look-up whatever the pattern was.
template <std::size_t N>
using ValueSet = std::bitset<N>;

/// A set of addresses written with globs: "01:00.*", "0000:0?:00.[01]".
struct AddressPattern {
    std::string text;                    ///< as written, with the domain added
    std::optional<std::uint32_t> domain; ///< nothing: every domain
    ValueSet<256> buses;
    ValueSet<32> devices;
    ValueSet<8> functions;

    [[nodiscard]] bool matches(const Address& address) const;
    /// The one address that matches, if no glob was used.
    [[nodiscard]] std::optional<Address> single() const;
};

/// Reads an address whose parts may be globs (`*`, `?`, `[...]`); the domain defaults to 0000
/// and may otherwise be a number or `*`. Nothing if a part can never match.
[[nodiscard]] std::optional<AddressPattern> parse_address_pattern(std::string_view written);

/// A set of paths: like a path, each part may be a glob: "0000:00:03.1/00.*".
struct PathPattern {
    std::string text;
    AddressPattern root;
    struct Hop {
        ValueSet<32> devices;
        ValueSet<8> functions;
    };
    std::vector<Hop> hops;

    [[nodiscard]] bool matches(const Path& path) const;
};

[[nodiscard]] std::optional<PathPattern> parse_path_pattern(std::string_view written);

/// "10de:128b" or "10de:*"; used for id= and subsystem=.
struct IdPattern {
    std::uint16_t vendor = 0;
    std::optional<std::uint16_t> device; ///< nothing: every device of the vendor

    auto operator<=>(const IdPattern&) const = default;

    [[nodiscard]] bool matches(std::uint16_t a_vendor, std::uint16_t a_device) const
    {
        return vendor == a_vendor && (!device || *device == a_device);
    }
    [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::optional<IdPattern> parse_id_pattern(std::string_view text);

/// A set of class codes: the bits of `mask` must equal those of `value`.
struct ClassPattern {
    std::uint32_t value = 0;
    std::uint32_t mask = 0;

    auto operator<=>(const ClassPattern&) const = default;

    [[nodiscard]] bool matches(std::uint32_t class_code) const { return (class_code & mask) == value; }
    /// "03", "0300" or "010802": as many digits as the mask has.
    [[nodiscard]] std::string digits() const;
};

/// Reads two, four or six hex digits ("03", "0300", "010802") or a name of class_names().
[[nodiscard]] std::optional<ClassPattern> parse_class_pattern(std::string_view text);

struct ClassName {
    std::string_view name;
    ClassPattern pattern;
};
/// The names class= accepts, in the order of the manual page.
[[nodiscard]] const std::vector<ClassName>& class_names();

/// Writes a Device Serial Number as lspci does: "00-11-22-ff-ff-33-44-55"
/// (PCI Express Base Specification, Device Serial Number extended capability).
[[nodiscard]] std::string serial_text(std::uint64_t serial);
/// Reads it with or without the dashes.
[[nodiscard]] std::optional<std::uint64_t> parse_serial(std::string_view text);

} // namespace vfio_early
