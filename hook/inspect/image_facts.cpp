// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/image_facts.hpp"

#include "early/machine/module_catalog.hpp"
#include "early/model/text.hpp"
#include "early/model/trial.hpp"
#include "hook/host/module_file.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace vfio_early {

namespace {

constexpr std::string_view modules_directory = "usr/lib/modules/";

Generator find_generator(const ImageContent& content)
{
    if (content.find("scripts/functions") != nullptr || content.find("conf/initramfs.conf") != nullptr)
        return Generator::initramfs_tools;
    if (content.find("usr/lib/dracut-lib.sh") != nullptr || content.find("usr/lib/dracut") != nullptr)
        return Generator::dracut;
    return Generator::unknown;
}

void read_policy(const ImageContent& content, ImageFacts& facts)
{
    constexpr const char* main_file = "etc/vfio-early.conf";
    const auto add = [&facts](const std::string& path, std::string_view text) {
        (text.starts_with(facts_mark) ? facts.facts : facts.policy)
            .push_back({.name = "/" + path, .text = std::string(text)});
    };
    if (const ImageEntry* entry = content.find(main_file); entry != nullptr && entry->is_file())
        add(main_file, entry->text);
    content.for_each_file("etc/vfio-early.conf.d/", ".conf", add);
}

/// Calls `handle` with the release and the path below the tree of that release for each file of modules below `folder`.
void for_each_module_file(const ImageContent& content, std::string_view folder,
                          const std::function<void(const std::string&, std::string_view, const ImageEntry&)>& handle)
{
    for (auto entry = content.entries.lower_bound(folder);
         entry != content.entries.end() && entry->first.starts_with(folder); ++entry) {
        const std::string_view rest = std::string_view(entry->first).substr(folder.size());
        if (const auto slash = rest.find('/'); slash != rest.npos) // else the directory itself, which may be empty
            handle(std::string(rest.substr(0, slash)), rest, entry->second);
    }
}

void add_once(std::vector<std::string>& texts, const std::string& text)
{
    if (std::ranges::find(texts, text) == texts.end())
        texts.push_back(text);
}

void read_modules(const ImageContent& content, ImageFacts& facts)
{
    const auto add = [&facts](const std::string& release, std::string_view path, const ImageEntry& entry) {
        add_once(facts.releases, release);
        if (std::string name = module_of_file(path); !name.empty())
            facts.modules.insert(std::move(name));
        if (path.ends_with("/modules.builtin"))
            facts.add_built_in(entry.text);
        if (path.ends_with("/modules.alias"))
            facts.aliases += entry.text;
    };
    for_each_module_file(content, modules_directory, add);
    if (facts.releases.empty() && !content.release.empty())
        facts.releases.push_back(content.release);
    // Those of an overlay count only where the kernel is theirs.
    const std::vector<std::string> own = facts.releases;
    for_each_module_file(content, std::string(added_modules) + "/",
                         [&](const std::string& release, std::string_view path, const ImageEntry& entry) {
                             if (own.empty() || std::ranges::find(own, release) != own.end())
                                 add(release, path, entry);
                             else
                                 add_once(facts.other_releases, release);
                         });
}

/// modules.dep: "FILE: FILE...", paths below the directory of the release.
void check_dependencies(const ImageContent& content, ImageFacts& facts)
{
    for (const std::string& release : facts.releases) {
        const std::string directory = std::string(modules_directory) + release + "/";
        for (const std::string_view line : split(content.text(directory + "modules.dep"), '\n')) {
            const auto colon = line.find(':');
            const std::string name = module_of_file(line.substr(0, colon));
            if (colon == line.npos || !name.starts_with("vfio") || !facts.modules.contains(name))
                continue;
            for (const std::string_view needed : split(line.substr(colon + 1), ' ')) {
                const std::string module = module_of_file(needed);
                if (!module.empty() && !facts.has_module(module) &&
                    std::ranges::find(facts.missing_files, module) == facts.missing_files.end())
                    facts.missing_files.push_back(module);
            }
        }
    }
}

} // namespace

std::string_view generator_name(Generator generator)
{
    constexpr std::array<std::string_view, 3> names{"initramfs-tools", "dracut", "an unknown generator"};
    return names.at(static_cast<std::size_t>(generator));
}

bool ImageFacts::has_module(std::string_view name) const
{
    const std::string normal = normal_module_name(name);
    return modules.contains(normal) || built_in.contains(normal);
}

void ImageFacts::add_built_in(std::string_view list)
{
    for (const std::string_view line : split(list, '\n'))
        if (std::string name = module_of_file(trim(line)); !name.empty())
            built_in.insert(std::move(name));
}

ImageFacts image_facts(const ImageContent& content)
{
    ImageFacts facts;
    facts.generator = find_generator(content);
    facts.parts = content.parts;
    facts.command_line = content.command_line;
    facts.replaced = content.replaced;
    facts.behind_lz4 = content.behind_lz4;
    facts.overlay = facts.generator == Generator::unknown && content.find("usr/lib/vfio-early/vfio-early") != nullptr &&
                    content.find("usr/lib/systemd/systemd") == nullptr;
    read_policy(content, facts);
    read_modules(content, facts);
    check_dependencies(content, facts);
    facts.hook = image_hook(content, facts.generator);
    facts.loads = modules_loaded_by_name(content);
    facts.rules = rules_of_vfio(content);
    return facts;
}

} // namespace vfio_early
