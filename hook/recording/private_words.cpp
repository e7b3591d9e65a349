// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/private_words.hpp"

#include "early/model/text.hpp"
#include "hook/import/module_words.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

constexpr std::string_view white = " \t\r\n";

/// Words whose values decide something here, or tell which machine and kernel this is.
constexpr std::string_view kept_keys =
    "BOOT_IMAGE BOOTIF amd_iommu blacklist boot console efi elfcorehdr initrd intel_iommu iommu mitigations "
    "modprobe.blacklist module_blacklist nbdroot netroot nfsroot pci pcie_acs_override pcie_aspm pcie_port_pm "
    "rd.driver.blacklist rd.driver.post rd.driver.pre rdloaddriver reset_devices resume root rootfstype systemd.unit "
    "vfio_early vfio_early.profile vfio_early.skip vga video";
/// Modules whose options are kept.
constexpr std::string_view kept_modules = "i915 xe nouveau nova_core amdgpu radeon snd_hda_intel kvm iommu";

bool is_looked_at(std::string_view key)
{
    const auto is_one_of = [](std::string_view word, std::string_view words) {
        const auto list = split(words, ' ');
        return std::ranges::find(list, word) != list.end();
    };
    if (is_one_of(key, kept_keys))
        return true;
    const std::string module = normal_module_name(key.substr(0, key.find('.')));
    return key.find('.') != key.npos && (takes_functions(module) || module.starts_with("nvidia") ||
                                         module.starts_with("kvm_") || is_one_of(module, kept_modules));
}

/// "iscsi:USER:PASSWORD@HOST" as "iscsi:@HOST".
std::string without_user(std::string_view value)
{
    const auto at = value.rfind('@');
    if (at == value.npos)
        return std::string(value);
    const auto colon = value.find(':');
    return std::string(value.substr(0, colon < at ? colon + 1 : 0)) + std::string(value.substr(at));
}

/// ip=CLIENT:SERVER:GATEWAY:MASK:HOST:DEVICE:HOW with the last two alone; ip=DEVICE:HOW and ip=HOW as they are.
std::string without_addresses(std::string_view value)
{
    const auto fields = split(value, ':');
    if (value.find('[') != value.npos || (fields.size() < 6 && parse_decimal(value.substr(0, 1))))
        return {};
    std::string clean;
    for (std::size_t index = 0; index < fields.size(); ++index)
        clean += std::string(index == 0 ? "" : ":") + std::string(fields.size() < 6 || index > 4 ? fields[index] : "");
    return clean;
}

std::string clean_word(std::string_view word)
{
    const auto equals = word.find('=');
    if (equals == word.npos)
        return std::string(word);
    const std::string key(word.substr(0, equals + 1));
    if (key == "ip=")
        return key + without_addresses(word.substr(equals + 1));
    return is_looked_at(word.substr(0, equals)) ? key + without_user(word.substr(equals + 1)) : key;
}

} // namespace

std::string without_private_values(std::string_view command_line)
{
    std::string clean;
    while (!command_line.empty()) {
        std::size_t end = 0;
        bool quoted = false; // quotes keep blanks in a value together
        for (; end < command_line.size() && (quoted || white.find(command_line[end]) == white.npos); ++end)
            quoted ^= command_line[end] == '"';
        clean += clean_word(command_line.substr(0, end));
        command_line.remove_prefix(end);
        const auto next = std::min(command_line.find_first_not_of(white), command_line.size());
        clean += command_line.substr(0, next);
        command_line.remove_prefix(next);
    }
    return clean;
}

std::string without_private_values_in_grub(std::string_view line)
{
    const auto equals = line.find('=');
    if (equals == line.npos)
        return std::string(line);
    std::string_view value = line.substr(equals + 1);
    std::string quote;
    if (value.starts_with('"') || value.starts_with('\'')) {
        quote = value.front();
        value.remove_prefix(1);
        value = value.substr(0, value.rfind(quote));
    }
    return std::string(line.substr(0, equals + 1)) + quote + without_private_values(value) + quote;
}

} // namespace vfio_early
