// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/device_settings.hpp"

#include "early/machine/scan.hpp"
#include "early/model/text.hpp"

#include <bit>
#include <cerrno>

namespace vfio_early {

namespace {

Result<void> write_setting(const Root& root, const std::string& path, const std::string& value)
{
    auto written = root.write_attribute(path, value);
    if (!written && written.error().code == ENOENT)
        return system_error("write", root.prefix() + "/" + path, EOPNOTSUPP, "no such attribute");
    return written;
}

/// The size of a BAR now; 0 if it cannot be told.
std::uint64_t bar_size(const Root& root, const std::string& device, unsigned bar)
{
    const auto range = memory_bars(root.read_prefix(device + "/resource", 4096).value_or("")).at(bar);
    return range ? range->last - range->first + 1 : 0;
}

/// `mask` as sizes: "256 512 1024" (MiB).
std::string sizes_text(std::uint64_t mask)
{
    std::string text;
    for (unsigned bit = 0; bit < 44; ++bit)
        if ((mask >> bit & 1U) != 0)
            text += (text.empty() ? "" : " ") + std::to_string(std::uint64_t{1} << bit);
    return text;
}

Result<void> resize_bar(const Root& root, const std::string& device, const DeviceSetting& setting)
{
    const std::string path = device + "/resource" + std::to_string(setting.bar) + "_resize";
    const auto offered = root.read_line(path);
    if (!offered) {
        const bool absent = offered.error().code == ENOENT;
        return system_error("read", root.prefix() + "/" + path, absent ? EOPNOTSUPP : offered.error().code,
                            absent ? "the BAR has one size only" : "");
    }
    // The kernel takes the firmware's framebuffer away before it resizes: not for nothing.
    if (bar_size(root, device, setting.bar) == setting.bytes)
        return {};
    const auto mask = parse_hex(offered->starts_with("0x") ? std::string_view(*offered).substr(2) : *offered);
    if (!mask)
        return system_error("read", root.prefix() + "/" + path, EINVAL);
    const int bit = rebar_bit(setting.bytes);
    if (bit < 0 || (*mask >> static_cast<unsigned>(bit) & 1U) == 0)
        return system_error("resize", path, EOPNOTSUPP, "the BAR can be of " + sizes_text(*mask) + " MiB");
    return root.write_attribute(path, std::to_string(bit));
}

} // namespace

int rebar_bit(std::uint64_t bytes)
{
    constexpr int one_mebibyte = 20;
    if (!std::has_single_bit(bytes) || bytes < std::uint64_t{1} << one_mebibyte)
        return -1;
    return std::countr_zero(bytes) - one_mebibyte;
}

Result<void> apply_setting(const Root& root, const std::string& device, const DeviceSetting& setting)
{
    switch (setting.kind) {
    case DeviceSetting::Kind::reset:
        return write_setting(root, device + "/reset_method", setting.value);
    case DeviceSetting::Kind::d3cold:
        return write_setting(root, device + "/d3cold_allowed", setting.value == "on" ? "1" : "0");
    case DeviceSetting::Kind::power:
        return write_setting(root, device + "/power/control", setting.value);
    case DeviceSetting::Kind::rebar:
        return resize_bar(root, device, setting);
    }
    return system_error("set", setting.text(), EINVAL);
}

} // namespace vfio_early
