// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/pe_sections.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace vfio_early {

namespace {

/// A little-endian number of `size` bytes; nothing beyond the end.
std::optional<std::uint64_t> number(std::string_view bytes, std::uint64_t at, unsigned size)
{
    if (at > bytes.size() || bytes.size() - at < size)
        return std::nullopt;
    std::uint64_t value = 0;
    for (unsigned index = size; index-- != 0;)
        value = value << 8U | static_cast<unsigned char>(bytes[at + index]);
    return value;
}

constexpr std::uint64_t head_size = 24;    // the signature and the COFF file header
constexpr std::uint64_t section_size = 40; // one section header

} // namespace

std::optional<std::map<std::string, std::string_view, std::less<>>> pe_sections(std::string_view bytes)
{
    const auto head = number(bytes, 0x3c, 4);
    if (!bytes.starts_with("MZ") || !head || *head > bytes.size() ||
        bytes.substr(*head, 4) != std::string_view("PE\0\0", 4))
        return std::nullopt;
    const auto count = number(bytes, *head + 6, 2);
    const auto optional_size = number(bytes, *head + 20, 2);
    if (!count || !optional_size)
        return std::nullopt;
    std::map<std::string, std::string_view, std::less<>> sections;
    for (std::uint64_t index = 0; index < *count; ++index) {
        const std::uint64_t at = *head + head_size + *optional_size + index * section_size;
        const auto virtual_size = number(bytes, at + 8, 4);
        const auto raw_size = number(bytes, at + 16, 4);
        const auto raw_at = number(bytes, at + 20, 4);
        if (!virtual_size || !raw_size || !raw_at || !number(bytes, at, 8))
            break;
        std::string_view name = bytes.substr(at, 8);
        name = name.substr(0, name.find('\0'));
        // What lies in the file is filled up; what is meant is what lies in memory.
        const std::uint64_t size = *virtual_size != 0 ? std::min(*virtual_size, *raw_size) : *raw_size;
        const bool whole = *raw_at <= bytes.size() && bytes.size() - *raw_at >= size;
        sections.try_emplace(std::string(name), whole ? bytes.substr(*raw_at, size) : std::string_view());
    }
    return sections;
}

bool pe_is_signed(std::string_view bytes)
{
    constexpr std::uint64_t pe32_plus = 0x20b;
    constexpr std::uint64_t certificates = 4; // the fifth of the data directories, each of 8 bytes
    const auto head = number(bytes, 0x3c, 4);
    if (!head || *head > bytes.size())
        return false;
    const std::uint64_t optional = *head + head_size;
    const std::uint64_t directories = number(bytes, optional, 2) == pe32_plus ? 112 : 96;
    const std::uint64_t entry = directories + certificates * 8;
    if (number(bytes, *head + 20, 2).value_or(0) < entry + 8)
        return false;
    return number(bytes, optional + directories - 4, 4).value_or(0) > certificates &&
           number(bytes, optional + entry + 4, 4).value_or(0) != 0;
}

} // namespace vfio_early
