// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/image_facts.hpp"

#include "early/model/text.hpp"
#include "early/model/trial.hpp"
#include "hook/host/module_file.hpp"

#include <algorithm>
#include <array>

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

void read_modules(const ImageContent& content, ImageFacts& facts)
{
    for (auto entry = content.entries.lower_bound(modules_directory);
         entry != content.entries.end() && entry->first.starts_with(modules_directory); ++entry) {
        const std::string_view rest = std::string_view(entry->first).substr(modules_directory.size());
        const std::string release(rest.substr(0, rest.find('/')));
        if (rest.find('/') == rest.npos)
            continue; // the directory itself, which may be empty
        if (std::ranges::find(facts.releases, release) == facts.releases.end())
            facts.releases.push_back(release);
        if (std::string name = module_of_file(rest); !name.empty())
            facts.modules.insert(std::move(name));
        if (rest.ends_with("/modules.builtin"))
            facts.add_built_in(entry->second.text);
        if (rest.ends_with("/modules.alias"))
            facts.aliases += entry->second.text;
    }
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
    read_policy(content, facts);
    read_modules(content, facts);
    if (facts.releases.empty() && !content.release.empty())
        facts.releases.push_back(content.release);
    check_dependencies(content, facts);
    facts.hook = image_hook(content, facts.generator);
    facts.loads = modules_loaded_by_name(content);
    facts.rules = rules_of_vfio(content);
    return facts;
}

} // namespace vfio_early
