// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/image_facts.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

/// In the place of a generator's image, where usr/sbin may be a link to bin; or in that of an overlay.
bool has_program(const ImageContent& content)
{
    const ImageEntry* overlay = content.find("usr/lib/vfio-early/vfio-early");
    if (overlay != nullptr && overlay->is_executable())
        return true;
    const ImageEntry* directory = content.find("usr/sbin");
    const bool linked = directory != nullptr && directory->is_link() && base_name(directory->text) == "bin";
    const ImageEntry* program = content.find(linked ? "usr/bin/vfio-early" : "usr/sbin/vfio-early");
    return program != nullptr && program->is_executable();
}

/// ORDER has two lines a script: `/scripts/init-top/udev "$@"` and one that reads /conf/param.conf.
void find_in_order(const ImageContent& content, ImageHook& hook)
{
    constexpr std::string_view directory = "scripts/init-top/";
    std::vector<std::string> before;
    for (const std::string_view line : split(content.text("scripts/init-top/ORDER"), '\n')) {
        std::string_view word = trim(line.substr(0, line.find(' ')));
        if (!word.starts_with('/') || !word.substr(1).starts_with(directory))
            continue;
        word.remove_prefix(1 + directory.size());
        const ImageEntry* script = content.find(std::string(directory) + std::string(word));
        if (script == nullptr || !script->is_executable())
            continue; // init would only complain of it
        if (word == "00-vfio-early") {
            hook.started_by = std::string(directory) + std::string(word);
            hook.before = std::move(before);
            hook.too_late = std::ranges::find(hook.before, "udev") != hook.before.end();
            return;
        }
        before.emplace_back(word);
    }
}

/// An overlay cannot have an ORDER of its own: overlay/vfio-early puts the script first when the image starts.
void find_in_overlay(const ImageContent& content, ImageHook& hook)
{
    const std::string script = "scripts/init-top/00-vfio-early";
    const ImageEntry* entry = content.find(script);
    const ImageEntry* starter = content.find("conf/conf.d/vfio-early");
    if (hook.started_by.empty() && entry != nullptr && entry->is_executable() && starter != nullptr &&
        starter->is_file())
        hook.started_by = script;
}

/// dracut's init runs the hooks of one directory in the order of their names, those of cmdline first of all.
void find_hook_script(const ImageContent& content, ImageHook& hook)
{
    for (const std::string_view directory : {"usr/lib/dracut/hooks/cmdline/", "var/lib/dracut/hooks/cmdline/"}) {
        std::vector<std::string> before;
        for (auto entry = content.entries.lower_bound(directory);
             entry != content.entries.end() && entry->first.starts_with(directory); ++entry) {
            const std::string_view name = std::string_view(entry->first).substr(directory.size());
            if (name.ends_with("vfio-early.sh")) {
                hook.started_by = entry->first;
                hook.before = std::move(before);
                // That one loads what rd.driver.pre= and force_drivers name.
                hook.too_late = std::ranges::any_of(
                    hook.before, [](const std::string& script) { return script.ends_with("parse-kernel.sh"); });
                return;
            }
            if (name.ends_with(".sh"))
                before.emplace_back(name);
        }
    }
}

void find_unit(const ImageContent& content, ImageHook& hook)
{
    constexpr std::array directories{"usr/lib/systemd/system/", "etc/systemd/system/"};
    const auto anywhere = [&](const std::string& name) {
        return std::ranges::any_of(
            directories, [&](const char* directory) { return content.find(std::string(directory) + name) != nullptr; });
    };
    // Its own Before= puts it in front of everything; see dracut/50vfio-early/vfio-early.service.
    if (anywhere("vfio-early.service") && anywhere("sysinit.target.wants/vfio-early.service"))
        hook.started_by = "vfio-early.service";
}

} // namespace

ImageHook image_hook(const ImageContent& content, Generator generator)
{
    ImageHook hook;
    hook.program = has_program(content);
    if (generator == Generator::initramfs_tools) {
        find_in_order(content, hook);
        find_in_overlay(content, hook);
    } else if (content.find("usr/lib/systemd/systemd") != nullptr)
        find_unit(content, hook);
    else if (generator == Generator::dracut)
        find_hook_script(content, hook);
    return hook;
}

} // namespace vfio_early
