// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/survey_parts.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/import/module_words.hpp"
#include "hook/import/words.hpp"

#include <algorithm>
#include <array>

namespace vfio_early::survey_parts {

namespace {

void read_directory(std::vector<OwnFile>& files, const Root& root, const std::string& directory,
                    std::string_view suffix = {})
{
    for (const std::string& name : root.list(directory).value_or(std::vector<std::string>())) {
        const std::string path = directory + "/" + name;
        if (!name.ends_with(suffix) || name.ends_with('~') || name.starts_with("vfio-early"))
            continue;
        if (auto text = read_regular_file(root, path))
            files.push_back({.path = "/" + path, .text = std::move(*text)});
    }
}

/// True for a line that is no comment and speaks of pinning or of the modules.
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
    return std::ranges::any_of(blank_words(line), [](std::string_view word) {
        const auto equals = word.find('=');
        const std::string_view value = equals == std::string_view::npos ? word : word.substr(equals + 1);
        const std::string module = normal_module_name(trim_shell(value));
        return module == "vfio_pci" || module == "pci_stub";
    });
}

} // namespace

std::vector<OwnFile> read_image_settings(const Root& root)
{
    std::vector<OwnFile> files;
    if (auto text = read_regular_file(root, "etc/dracut.conf"))
        files.push_back({.path = "/etc/dracut.conf", .text = std::move(*text)});
    read_directory(files, root, "etc/dracut.conf.d", ".conf");
    if (auto text = read_regular_file(root, "etc/mkinitcpio.conf"))
        files.push_back({.path = "/etc/mkinitcpio.conf", .text = std::move(*text)});
    read_directory(files, root, "etc/mkinitcpio.conf.d", ".conf");
    return files;
}

std::vector<std::string> early_loaders(const std::vector<SourceLine>& lines, const std::vector<OwnFile>& image_settings)
{
    std::vector<std::string> loaders;
    for (const SourceLine& line : lines) {
        const auto words = blank_words(line.text);
        const bool early_word = line.text.starts_with("rd.driver.pre=") && line.fate != LineFate::unrelated;
        const bool order = words.size() > 2 &&
                           (words[0] == "softdep" || words[0] == "install" || words[0] == "alias") &&
                           line.fate != LineFate::unrelated && line.kept_away.empty();
        const bool in_image = line.file.ends_with("initramfs-tools/modules") && line.fate == LineFate::remove &&
                              loads_a_driver(line.text);
        if (early_word || order || in_image)
            loaders.push_back(line.place() + ": " + line.text);
    }
    for (const OwnFile& file : image_settings) {
        for (const std::string_view line : split(file.text, '\n'))
            if ((trim(line).starts_with("force_drivers") || trim(line).starts_with("MODULES=")) && loads_a_driver(line))
                loaders.push_back(file.path + ": " + std::string(trim(line)));
    }
    return loaders;
}

std::vector<OwnFile> read_own_files(const Root& root)
{
    std::vector<OwnFile> files = read_image_settings(root);
    const std::string scripts = "etc/initramfs-tools/scripts";
    for (const std::string& stage : root.list(scripts).value_or(std::vector<std::string>()))
        read_directory(files, root, scripts + "/" + stage);
    read_directory(files, root, "etc/initramfs-tools/hooks");
    read_directory(files, root, "etc/udev/rules.d", ".rules");
    read_directory(files, root, "etc/systemd/system", ".service");
    if (auto text = read_regular_file(root, "etc/rc.local"))
        files.push_back({.path = "/etc/rc.local", .text = std::move(*text)});
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
                             .addresses = addresses_in(file.text)});
            break;
        }
    }
    return hooks;
}

} // namespace vfio_early::survey_parts
