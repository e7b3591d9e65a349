// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/survey_parts.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/import/module_words.hpp"
#include "hook/import/words.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace vfio_early::survey_parts {

namespace {

void read_directory(std::vector<OwnFile>& files, const Root& root, const std::string& directory,
                    std::string_view suffix = {})
{
    for (const std::string& name : names_in(root, directory)) {
        const std::string path = directory + "/" + name;
        if (!name.ends_with(suffix) || name.ends_with('~') || name.starts_with("vfio-early"))
            continue;
        if (auto text = read_regular_file(root, path))
            files.push_back({.path = "/" + path, .text = std::move(*text)});
    }
}

/// True for a line that is no comment and names driver_override, vfio-pci or pci-stub.
bool speaks_of_binding(std::string_view line)
{
    constexpr std::array<std::string_view, 5> words{"driver_override", "vfio-pci", "vfio_pci", "pci-stub", "pci_stub"};
    line = trim(line);
    return !line.starts_with('#') && line.find("vfio-early") == std::string_view::npos &&
           std::ranges::any_of(words, [&](std::string_view word) { return line.find(word) != std::string_view::npos; });
}

/// Every address in a text, each once.
std::vector<Address> addresses_in(std::string_view text)
{
    constexpr std::string_view characters = "0123456789abcdefABCDEF:.";
    std::vector<Address> addresses;
    while (true) {
        const auto start = text.find_first_of(characters);
        if (start == std::string_view::npos)
            return addresses;
        text.remove_prefix(start);
        const auto end = text.find_first_not_of(characters);
        const auto address = parse_address(text.substr(0, end));
        if (address && std::ranges::find(addresses, *address) == addresses.end())
            addresses.push_back(*address);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    }
}

bool loads_a_driver(std::string_view line)
{
    const auto is_driver = [](std::string_view word) {
        const std::string module = normal_module_name(trim_shell(word.substr(word.find('=') + 1)));
        return module == "vfio_pci" || module == "pci_stub";
    };
    return std::ranges::any_of(
        blank_words(line), [&](std::string_view words) { return std::ranges::any_of(split(words, ','), is_driver); });
}

/// "MODULES=(a b)", "MODULES+=(a", "force_drivers+=..." of shell files, "modules_force_load: a" of booster.
bool begins_module_list(std::string_view line)
{
    constexpr std::array<std::string_view, 3> names{"force_drivers", "MODULES", "modules_force_load:"};
    return std::ranges::any_of(names, [&](std::string_view name) { return line.starts_with(name); });
}

/// The lists of modules in a file, each on one line: a list in parentheses may go on.
std::vector<std::string> module_lists(std::string_view text)
{
    std::vector<std::string> lists;
    bool open = false;
    for (const std::string_view line : split(text, '\n')) {
        const std::string_view words = trim(line.substr(0, line.find('#')));
        if (open)
            lists.back() += " " + std::string(words);
        else if (begins_module_list(words))
            lists.emplace_back(words);
        else
            continue;
        open = lists.back().find('(') != std::string::npos && lists.back().find(')') == std::string::npos;
    }
    return lists;
}

} // namespace

std::vector<OwnFile> read_image_settings(const Root& root)
{
    std::vector<OwnFile> files;
    for (const char* path : {"etc/dracut.conf", "etc/mkinitcpio.conf", "etc/booster.yaml"})
        if (auto text = read_regular_file(root, path))
            files.push_back(
                {.path = std::string("/") + path, .text = std::move(*text), .kind = FileKind::image_settings});
    read_directory(files, root, "etc/dracut.conf.d", ".conf");
    read_directory(files, root, "etc/mkinitcpio.conf.d", ".conf");
    return files;
}

std::vector<EarlyLoader> early_loaders(const std::vector<SourceLine>& lines, const std::vector<OwnFile>& image_settings)
{
    std::vector<EarlyLoader> loaders;
    for (const SourceLine& line : lines) {
        const auto words = blank_words(line.text);
        const bool related = line.fate != LineFate::unrelated;
        const bool of_modprobe = words.size() > 2 && related && line.blocked_modules.empty();
        if (of_modprobe && (words[0] == "softdep" || words[0] == "install") &&
            !takes_functions(normal_module_name(words[1])))
            loaders.push_back({.module = normal_module_name(words[1])});
        else if ((of_modprobe && words[0] == "alias") || (line.text.starts_with("rd.driver.pre=") && related) ||
                 (line.file.ends_with("initramfs-tools/modules") && line.fate == LineFate::remove &&
                  loads_a_driver(line.text)))
            loaders.emplace_back();
    }
    for (const OwnFile& file : image_settings)
        if (std::ranges::any_of(module_lists(file.text), loads_a_driver))
            loaders.emplace_back();
    return loaders;
}

std::vector<OwnFile> read_own_files(const Root& root)
{
    std::vector<OwnFile> files = read_image_settings(root);
    const std::string scripts = "etc/initramfs-tools/scripts";
    for (const std::string& stage : names_in(root, scripts))
        read_directory(files, root, scripts + "/" + stage);
    read_directory(files, root, "etc/initramfs-tools/hooks");
    read_directory(files, root, "etc/udev/rules.d", ".rules");
    const std::size_t units = files.size();
    read_directory(files, root, "etc/systemd/system", ".service");
    for (OwnFile& file : std::span(files).subspan(units))
        file.kind = FileKind::unit;
    if (auto text = read_regular_file(root, "etc/rc.local"))
        files.push_back({.path = "/etc/rc.local", .text = std::move(*text), .kind = FileKind::start_script});
    return files;
}

bool is_about_functions(std::string_view line)
{
    return speaks_of_binding(line) || !addresses_in(line).empty();
}

std::vector<HookFile> find_hooks(const std::vector<OwnFile>& files)
{
    std::vector<HookFile> hooks;
    for (const OwnFile& file : files) {
        unsigned number = 0;
        for (const std::string_view line : split(file.text, '\n')) {
            ++number;
            if (!speaks_of_binding(line))
                continue;
            hooks.push_back({.path = file.path,
                             .line = std::string(trim(line)),
                             .number = number,
                             .kind = file.kind,
                             .addresses = addresses_in(file.text)});
            break;
        }
    }
    return hooks;
}

} // namespace vfio_early::survey_parts
