// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/module_catalog.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <sys/utsname.h>

namespace vfio_early {

namespace {

std::string running_release()
{
    utsname names{};
    return ::uname(&names) == 0 ? names.release : "";
}

std::optional<ModuleTree> find_tree(const Root& root, const std::string& release, std::span<const char* const> folders)
{
    const std::string running = root.live() ? running_release() : "";
    for (const std::string folder : folders) {
        std::string wanted = release.empty() ? running : release;
        if (wanted.empty()) {
            auto releases = root.list(folder);
            if (!releases)
                continue;
            // What is left of a removed kernel has no index.
            std::erase_if(*releases, [&](const std::string& name) {
                return !root.exists(folder + "/" + name + "/modules.dep.bin");
            });
            if (releases->size() != 1)
                continue;
            wanted = releases->front();
        }
        std::string path = folder + "/" + wanted;
        if (root.exists(path + "/modules.dep.bin"))
            return ModuleTree{std::move(path), wanted, wanted == running};
    }
    return {};
}

std::optional<libkmodctl::Modules> open_index(const Root& root, const std::optional<ModuleTree>& tree)
{
    if (!tree)
        return std::nullopt;
    libkmodctl::Options options;
    options.modules_dir = root.prefix() + "/" + tree->path;
    options.config_paths = std::vector<std::string>();
    options.live = tree->live;
    auto opened = libkmodctl::Modules::open(options);
    return opened ? std::optional(std::move(*opened)) : std::nullopt;
}

/// As open_module_index(), of the added tree.
std::optional<libkmodctl::Modules> open_added_module_index(const Root& root, const std::string& release)
{
    return open_index(root, find_added_module_tree(root, release));
}

/// `modalias` with the numbers of its last `count` of the fields v, d, sv, sd made ones that no device has.
/// Empty if it is not of the form that pci_uevent() writes.
std::string without_fields(std::string_view modalias, unsigned count)
{
    constexpr std::string_view fields[] = {":v", "d", "sv", "sd"};
    constexpr std::size_t digits = 8;
    std::string text(modalias);
    std::size_t position = 0;
    unsigned index = 0;
    for (const std::string_view field : fields) {
        position = text.find(field, position);
        if (position == std::string::npos || position + field.size() + digits > text.size())
            return {};
        position += field.size();
        if (std::size(fields) - index++ <= count)
            text.replace(position, digits, digits, 'F');
        position += digits;
    }
    return text;
}

class KmodCatalog final : public ModuleCatalog {
public:
    /// `trees`: the first that has a module answers for it.
    KmodCatalog(const Root& root, std::vector<libkmodctl::Modules> trees) : root_(root), trees_(std::move(trees)) {}

    std::vector<std::string> modules_for(std::string_view modalias) const override
    {
        if (const auto known = answers_.find(modalias); known != answers_.end())
            return known->second;
        std::vector<std::string> names = look_up(modalias);
        if (names.size() > 1)
            most_specific_first(modalias, names);
        answers_.emplace(modalias, names);
        return names;
    }

    bool exists(std::string_view module) const override
    {
        if (const auto known = existing_.find(module); known != existing_.end())
            return known->second;
        const bool found = tree_of(module) != nullptr || runs_module(root_, module);
        existing_.emplace(module, found);
        return found;
    }

    std::vector<std::string> dependencies(std::string_view module) const override
    {
        const auto* const tree = tree_of(module);
        return tree != nullptr ? tree->dependencies(module) : std::vector<std::string>();
    }

    bool builtin(std::string_view module) const override
    {
        if (trees_.empty())
            return runs_module(root_, module);
        return std::ranges::any_of(
            trees_, [&](const auto& tree) { return tree.state(module) == libkmodctl::ModuleState::builtin; });
    }

private:
    const libkmodctl::Modules* tree_of(std::string_view module) const
    {
        const auto found = std::ranges::find_if(
            trees_, [&](const auto& tree) { return tree.state(module) != libkmodctl::ModuleState::missing; });
        return found != trees_.end() ? &*found : nullptr;
    }

    std::vector<std::string> look_up(std::string_view modalias) const
    {
        std::vector<std::string> names;
        for (const libkmodctl::Modules& tree : trees_)
            for (std::string& name : tree.lookup(modalias).value_or(std::vector<std::string>()))
                add_new(names, std::move(name));
        return names;
    }

    /// libkmod does not tell which alias it was that matched. A module that still matches when the device is
    /// another, or of another vendor, has the wider alias.
    void most_specific_first(std::string_view modalias, std::vector<std::string>& names) const
    {
        std::map<std::string, unsigned> width;
        for (unsigned count = 1; count <= 4; ++count) {
            const std::string wider = without_fields(modalias, count);
            if (wider.empty())
                return;
            for (const std::string& name : look_up(wider))
                ++width[name];
        }
        std::ranges::stable_sort(names, {}, [&width](const std::string& name) { return width[name]; });
    }

    const Root& root_;
    std::vector<libkmodctl::Modules> trees_;
    /// Machines have many functions of one kind, and the plan asks more than once.
    mutable std::map<std::string, std::vector<std::string>, std::less<>> answers_;
    mutable std::map<std::string, bool, std::less<>> existing_;
};

} // namespace

std::optional<ModuleTree> find_module_tree(const Root& root, const std::string& release)
{
    constexpr std::array folders{"lib/modules", "usr/lib/modules"};
    return find_tree(root, release, folders);
}

std::optional<ModuleTree> find_added_module_tree(const Root& root, const std::string& release)
{
    constexpr std::array folders{added_modules};
    return find_tree(root, release, folders);
}

std::optional<libkmodctl::Modules> open_module_index(const Root& root, const std::string& release)
{
    return open_index(root, find_module_tree(root, release));
}

bool runs_module(const Root& root, std::string_view module)
{
    const std::string name = normal_module_name(module);
    if (root.exists("sys/module/" + name))
        return true;
    std::string driver = name;
    std::ranges::replace(driver, '_', '-');
    return root.exists("sys/bus/pci/drivers/" + name) || root.exists("sys/bus/pci/drivers/" + driver);
}

std::unique_ptr<ModuleCatalog> open_module_catalog(const Root& root, const std::string& release)
{
    std::vector<libkmodctl::Modules> trees;
    for (auto opened : {open_module_index, open_added_module_index})
        if (auto tree = opened(root, release))
            trees.push_back(std::move(*tree));
    return std::make_unique<KmodCatalog>(root, std::move(trees));
}

} // namespace vfio_early
