// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/overlay/overlay_parts.hpp"

#include "early/machine/module_catalog.hpp"
#include "early/model/text.hpp"
#include "hook/boot_params/run_command.hpp"
#include "hook/host/temporary_directory.hpp"

#include <algorithm>
#include <cerrno>

namespace vfio_early {

namespace {

constexpr std::size_t largest_module = std::size_t{256} << 20U;

/// `modules` and what they need, as files below the tree of the kernel: "kernel/drivers/vfio/vfio.ko.xz".
std::vector<std::string> files_of(const libkmodctl::Modules& index, const std::string& directory,
                                  const std::vector<std::string>& modules)
{
    std::vector<std::string> files;
    const auto add = [&](const std::string& module) {
        if (const auto path = index.path(module); path && path->starts_with(directory))
            files.push_back(path->substr(directory.size()));
    };
    for (const std::string& module : modules) {
        add(module);
        std::ranges::for_each(index.dependencies(module), add);
    }
    std::ranges::sort(files);
    const auto same = std::ranges::unique(files);
    files.erase(same.begin(), same.end());
    return files;
}

/// What depmod leaves, for libkmod: its own forms of the lists, and the soft dependencies, which have only a text.
bool is_index(std::string_view name)
{
    return name.ends_with(".bin") || name == "modules.softdep";
}

} // namespace

Result<void> add_modules(OverlayTree& tree, const Root& root, const std::string& release,
                         const std::vector<std::string>& modules)
{
    const auto source = find_module_tree(root, release);
    const auto index = open_module_index(root, release);
    if (!source || !index)
        return system_error("find", "the modules of kernel " + release, ENOENT,
                            "install that kernel, or give --root of a system that has it");
    const auto work = make_temporary_directory();
    if (!work)
        return std::unexpected(work.error());
    const auto target = Root::open((*work)->path);
    if (!target)
        return std::unexpected(target.error());
    const std::string work_tree = "lib/modules/" + source->release;
    const std::string place = std::string(added_modules) + "/" + source->release + "/";
    // depmod wants these beside the modules.
    for (const char* list : {"modules.order", "modules.builtin", "modules.builtin.modinfo"}) {
        const auto text = root.read(source->path + "/" + list, largest_module);
        if (!text && text.error().code == ENOENT)
            continue;
        if (!text)
            return std::unexpected(text.error());
        if (auto written = target->replace_file(work_tree + "/" + list, *text); !written)
            return written;
    }
    for (const std::string& file : files_of(*index, root.prefix() + "/" + source->path + "/", modules)) {
        auto content = root.read(std::string(source->path).append("/").append(file), largest_module);
        if (!content)
            return std::unexpected(content.error());
        if (auto written = target->replace_file(std::string(work_tree).append("/").append(file), *content); !written)
            return written;
        tree[place + file] = {OverlayEntry::Kind::file, std::move(*content)};
    }
    if (auto ran = run_command({"depmod", "-b", (*work)->path, source->release}); !ran)
        return ran;
    for (const std::string& name : target->list(work_tree).value_or(std::vector<std::string>())) {
        if (!is_index(name))
            continue;
        auto content = target->read(std::string(work_tree).append("/").append(name), largest_module);
        if (!content)
            return std::unexpected(content.error());
        tree[place + name] = {OverlayEntry::Kind::file, std::move(*content)};
    }
    return {};
}

} // namespace vfio_early
