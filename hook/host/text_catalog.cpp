// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/text_catalog.hpp"

#include "early/model/text.hpp"
#include "hook/host/module_file.hpp"

#include <algorithm>
#include <utility>

namespace vfio_early {

namespace {

// "vfio_pci:v000010DE" is the longest: a bus name of unknown length, then 'v' and eight digits.
std::string_view vendor_prefix(std::string_view text)
{
    constexpr std::size_t after_colon = 10;
    const auto colon = text.find(':');
    if (colon == text.npos || text.size() < colon + after_colon)
        return {};
    const std::string_view prefix = text.substr(0, colon + after_colon);
    return prefix.find_first_of("*?[") == prefix.npos ? prefix : std::string_view{};
}

/// How many characters of a pattern are no glob: the more there are, the more it says.
std::ptrdiff_t literal_length(std::string_view pattern)
{
    return std::ranges::count_if(pattern, [](char c) { return c != '*' && c != '?'; });
}

std::string only_release(const Root& root)
{
    const auto releases = root.list("lib/modules");
    return releases && releases->size() == 1 ? releases->front() : std::string();
}

/// The modules of modules.dep ("FILE: FILE...") or modules.builtin ("FILE"), each with those that it needs.
TextCatalog::Dependencies read_modules(const Root& root, const std::string& path)
{
    constexpr std::size_t limit = 16U << 20U;
    TextCatalog::Dependencies modules;
    const std::string text = root.read(path, limit).value_or("");
    for (const std::string_view line : split(text, '\n')) {
        const std::size_t colon = line.find(':');
        const std::string name = module_of_file(trim(line.substr(0, colon)));
        if (name.empty())
            continue;
        std::vector<std::string>& needed = modules[name];
        for (const std::string_view file : split(line.substr(std::min(colon, line.size() - 1) + 1), ' '))
            if (std::string one = module_of_file(trim(file)); !one.empty())
                needed.push_back(std::move(one));
    }
    return modules;
}

} // namespace

std::vector<ModuleAlias> parse_module_aliases(std::string_view text)
{
    std::vector<ModuleAlias> aliases;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = split(trim(line), ' ');
        if (words.size() == 3 && words[0] == "alias")
            aliases.push_back({.pattern = std::string(words[1]), .module = normal_module_name(words[2])});
    }
    return aliases;
}

TextCatalog::TextCatalog(std::vector<ModuleAlias> aliases, Dependencies modules, Dependencies builtin)
    : modules_(std::move(modules)), builtin_(std::move(builtin))
{
    for (ModuleAlias& alias : aliases) {
        if (!builtin_.contains(alias.module))
            modules_.try_emplace(alias.module);
        const std::string prefix(vendor_prefix(alias.pattern));
        aliases_[prefix].push_back(std::move(alias));
    }
}

std::vector<std::string> TextCatalog::modules_for(std::string_view modalias) const
{
    std::vector<const ModuleAlias*> found;
    for (const std::string_view prefix : {vendor_prefix(modalias), std::string_view{}}) {
        const auto entry = aliases_.find(prefix);
        if (entry == aliases_.end())
            continue;
        for (const ModuleAlias& alias : entry->second)
            if (glob_match(alias.pattern, modalias))
                found.push_back(&alias);
    }
    std::ranges::stable_sort(found, std::greater{},
                             [](const ModuleAlias* alias) { return literal_length(alias->pattern); });
    std::vector<std::string> modules;
    for (const ModuleAlias* alias : found)
        if (std::ranges::find(modules, alias->module) == modules.end())
            modules.push_back(alias->module);
    return modules;
}

bool TextCatalog::exists(std::string_view module) const
{
    return modules_.contains(normal_module_name(module)) || builtin(module);
}

std::vector<std::string> TextCatalog::dependencies(std::string_view module) const
{
    const auto found = modules_.find(normal_module_name(module));
    return found == modules_.end() ? std::vector<std::string>() : found->second;
}

bool TextCatalog::builtin(std::string_view module) const
{
    return builtin_.contains(normal_module_name(module));
}

std::string kernel_release(const Root& root)
{
    auto release = root.read_line("proc/sys/kernel/osrelease");
    return release ? std::move(*release) : only_release(root);
}

std::unique_ptr<ModuleCatalog> open_text_catalog(const Root& root, const std::string& release)
{
    const std::string found = release.empty() ? only_release(root) : release;
    const std::string directory = "lib/modules/" + found + "/";
    if (found.empty() || root.exists(directory + "modules.alias.bin"))
        return nullptr;
    constexpr std::size_t limit = 16U << 20U;
    const auto aliases = root.read(directory + "modules.alias", limit);
    if (!aliases)
        return nullptr;
    return std::make_unique<TextCatalog>(parse_module_aliases(*aliases), read_modules(root, directory + "modules.dep"),
                                         read_modules(root, directory + "modules.builtin"));
}

} // namespace vfio_early
