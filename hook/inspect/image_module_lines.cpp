// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/image_facts.hpp"

#include "early/model/boot_request.hpp"
#include "early/model/text.hpp"
#include "hook/host/blank_words.hpp"

#include <algorithm>
#include <span>

namespace vfio_early {

namespace {

void add_list(std::vector<ImageLine>& lines, const std::string& file, std::string_view text)
{
    for (const std::string_view line : split(text, '\n')) {
        const std::string_view content = trim(line);
        if (content.empty() || content.starts_with('#') || content.starts_with(';'))
            continue;
        lines.push_back({.file = file,
                         .text = std::string(content),
                         .module = normal_module_name(content.substr(0, content.find_first_of(" \t")))});
    }
}

void add_command_line(std::vector<ImageLine>& lines, const std::string& file, std::string_view text)
{
    for (const std::string& word : command_line_words(text)) {
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (equals == word.npos || (name != "rd.driver.pre" && name != "modules-load" && name != "modules_load" &&
                                    name != "rd.modules-load" && name != "rd.modules_load"))
            continue;
        for (const std::string_view module : split(std::string_view(word).substr(equals + 1), ','))
            lines.push_back({.file = file, .text = word, .module = normal_module_name(module)});
    }
}

bool speaks_of_vfio(std::string_view word)
{
    const std::string name = normal_module_name(word);
    return name.starts_with("vfio") || name == "pci_stub";
}

} // namespace

std::vector<ImageLine> modules_loaded_by_name(const ImageContent& content)
{
    std::vector<ImageLine> lines;
    add_list(lines, "conf/modules", content.text("conf/modules"));
    for (const char* directory : {"etc/modules-load.d/", "run/modules-load.d/", "usr/lib/modules-load.d/"})
        content.for_each_file(directory, ".conf",
                              [&](const std::string& file, std::string_view text) { add_list(lines, file, text); });
    add_command_line(lines, "etc/cmdline", content.text("etc/cmdline"));
    content.for_each_file("etc/cmdline.d/", ".conf", [&lines](const std::string& file, std::string_view text) {
        add_command_line(lines, file, text);
    });
    if (content.command_line)
        add_command_line(lines, "the built-in kernel command line", *content.command_line);
    return lines;
}

std::vector<ImageLine> rules_of_vfio(const ImageContent& content)
{
    std::vector<ImageLine> lines;
    const auto add = [&lines](const std::string& file, std::string_view text) {
        for (const std::string_view line : split(text, '\n')) {
            const auto words = blank_words(line);
            if (words.size() < 2 || words.front().starts_with('#'))
                continue;
            // What an install line runs is a command, not a module.
            const bool command = words.front() == "install" || words.front() == "remove";
            const std::span arguments = std::span(words).subspan(1, command ? 1 : words.size() - 1);
            if (const auto found = std::ranges::find_if(arguments, speaks_of_vfio); found != arguments.end())
                lines.push_back({.file = file, .text = std::string(trim(line)), .module = normal_module_name(*found)});
        }
    };
    for (const char* directory : {"etc/modprobe.d/", "run/modprobe.d/", "usr/lib/modprobe.d/"})
        content.for_each_file(directory, ".conf", add);
    return lines;
}

} // namespace vfio_early
