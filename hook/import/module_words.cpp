// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/module_words.hpp"

#include "early/model/boot_request.hpp"
#include "early/model/text.hpp"

#include <array>

namespace vfio_early {

namespace {

constexpr std::uint64_t any_id = 0xffffffff; // PCI_ANY_ID, include/linux/mod_devicetable.h
constexpr std::uint64_t last_id = 0xffff;

std::optional<std::uint64_t> number(std::string_view text)
{
    if (text.starts_with("0x") || text.starts_with("0X"))
        text.remove_prefix(2);
    return parse_hex(text, 8);
}

/// Nothing for what no policy line can say: any vendor, or a subvendor of any vendor with a device.
std::optional<IdPattern> id_pattern(std::uint64_t vendor, std::uint64_t device)
{
    if (vendor > last_id || (device > last_id && device != any_id))
        return {};
    IdPattern pattern{.vendor = static_cast<std::uint16_t>(vendor), .device = {}};
    if (device != any_id)
        pattern.device = static_cast<std::uint16_t>(device);
    return pattern;
}

std::optional<Selector> selector_of_entry(std::string_view entry)
{
    std::array<std::uint64_t, 6> fields{any_id, any_id, any_id, any_id, 0, 0};
    constexpr std::size_t subvendor = 2;
    constexpr std::size_t subdevice = 3;
    constexpr std::size_t class_code = 4;
    constexpr std::size_t class_mask = 5;
    const auto parts = split(entry, ':');
    if (parts.size() < 2 || parts.size() > fields.size())
        return {};
    for (std::size_t index = 0; index < parts.size(); ++index) {
        const auto value = number(trim(parts[index]));
        if (!value)
            return {};
        fields.at(index) = *value;
    }
    const auto id = id_pattern(fields[0], fields[1]);
    if (!id)
        return {};
    Selector selector;
    selector.ids.push_back(*id);
    if (fields[subvendor] != any_id) {
        const auto subsystem = id_pattern(fields[subvendor], fields[subdevice]);
        if (!subsystem)
            return {};
        selector.subsystems.push_back(*subsystem);
    }
    if (fields[class_mask] != 0) {
        const auto mask = static_cast<std::uint32_t>(fields[class_mask]);
        selector.classes.push_back({.value = static_cast<std::uint32_t>(fields[class_code]) & mask, .mask = mask});
    }
    return selector;
}

/// True if a policy can say it: no blank, no quote, no comment within.
bool can_be_set(const ModuleSetting& setting)
{
    const std::vector<PolicyFile> files{{.name = "", .text = "set module " + setting.module + " " + setting.options}};
    const ParsedPolicy parsed = parse_policy(files);
    return parsed.ok() && parsed.policy.modules.size() == 1 && parsed.policy.modules.front().options == setting.options;
}

void add_option(SourceLine& line, const std::string& module, const std::string& word, std::vector<std::string>& broken)
{
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = equals == word.npos ? "1" : word.substr(equals + 1);
    std::vector<Wish> wishes;
    if (name == "ids") {
        wishes = wishes_of_ids(value, broken);
    } else if (name == "hide" && module.ends_with("pciback")) {
        wishes = wishes_of_hide(value, broken);
    } else if (is_vfio_module(module)) {
        const ModuleSetting setting{.module = module, .options = name + "=" + value, .profile = {}, .where = {}};
        if (can_be_set(setting))
            line.settings.push_back(setting);
        else
            broken.push_back(word);
    }
    line.wishes.insert(line.wishes.end(), wishes.begin(), wishes.end());
}

} // namespace

bool is_vfio_module(std::string_view module)
{
    return module == "vfio" || module.starts_with("vfio_") || module.ends_with("_vfio_pci");
}

bool takes_functions(std::string_view module)
{
    return is_vfio_module(module) || module == "pci_stub" || module == "xen_pciback" || module == "pciback";
}

bool is_ids_word(std::string_view word)
{
    const std::string name = normal_module_name(word.substr(0, word.find('=')));
    return name == "vfio_pci.ids" || name == "pci_stub.ids";
}

std::vector<Wish> wishes_of_ids(std::string_view list, std::vector<std::string>& broken)
{
    std::vector<Wish> wishes;
    for (const std::string_view entry : split(list, ',')) {
        if (trim(entry).empty())
            continue;
        if (auto selector = selector_of_entry(trim(entry)))
            wishes.push_back({.selector = std::move(*selector)});
        else
            broken.emplace_back(trim(entry));
    }
    return wishes;
}

std::vector<Wish> wishes_of_hide(std::string_view list, std::vector<std::string>& broken)
{
    std::vector<Wish> wishes;
    for (std::string_view entry : split(list, '(')) {
        entry = trim(entry.substr(0, entry.find(')')));
        if (entry.empty() || entry == ",")
            continue;
        if (auto address = parse_address_pattern(entry))
            wishes.emplace_back().selector.address = std::move(address);
        else
            broken.emplace_back(entry);
    }
    return wishes;
}

void read_options(SourceLine& line, const std::string& module, std::string_view options)
{
    std::vector<std::string> broken;
    for (const std::string& word : command_line_words(options))
        add_option(line, module, word, broken);
    if (!broken.empty()) {
        line.settle(LineFate::not_understood, "no policy line can say " + join(broken, ", "));
        return;
    }
    line.fate = LineFate::remove;
    if (line.wishes.empty())
        line.why = line.settings.empty() ? "vfio-early loads the module when something needs it"
                                         : "`set module` in the policy carries the option";
    else
        line.why = "the policy names the functions themselves";
}

} // namespace vfio_early
