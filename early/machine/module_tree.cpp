// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/module_tree.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>
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

std::optional<libkmodctl::Modules> open_added_module_index(const Root& root, const std::string& release)
{
    return open_index(root, find_added_module_tree(root, release));
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

} // namespace vfio_early
