// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel command line: as the kernel has it, as it stands in a file of its own, and within /etc/default/grub.
#include "hook/import/formats.hpp"

#include "early/model/boot_request.hpp"
#include "early/model/text.hpp"
#include "hook/import/module_words.hpp"
#include "hook/import/words.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// rd.driver.pre=A,B (dracut.cmdline(7)): modules that dracut loads before udev starts.
void read_early_modules(SourceLine& line, std::string_view value)
{
    std::vector<std::string> others;
    for (const std::string_view module : split(value, ','))
        if (!takes_functions(normal_module_name(module)))
            others.emplace_back(module);
    if (others.size() == split(value, ',').size()) {
        line.why = "not about binding";
    } else if (others.empty()) {
        line.settle(LineFate::remove, "vfio-early loads the module itself, before any other driver");
    } else {
        line.settle(LineFate::keep,
                    "it also asks for " + join(others, ", ") + "; the vfio modules in it are no longer needed");
    }
}

void read_word(SourceLine& line)
{
    const std::string_view text = line.text;
    const auto equals = text.find('=');
    const std::string name = normal_module_name(text.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos ? "" : text.substr(equals + 1);
    const auto dot = name.find('.');
    const std::string module = name.substr(0, dot);
    if (is_one_of(name, {"modprobe.blacklist", "module_blacklist", "rd.driver.blacklist", "blacklist"})) {
        for (const std::string_view entry : split(value, ','))
            if (!entry.empty())
                line.blocked_modules.push_back(normal_module_name(entry));
    } else if (is_one_of(name, {"rd.driver.pre", "rd.driver.post", "rdloaddriver"})) {
        read_early_modules(line, value);
    } else if (dot != std::string::npos && takes_functions(module)) {
        // The word has lost its quotes; the reader of options takes them away from a word that has them.
        const std::string option = name.substr(dot + 1);
        read_options(line, module, equals == text.npos ? option : "\"" + option + "=" + std::string(value) + "\"");
    } else {
        line.why = "not about binding";
    }
}

void add_words(std::vector<SourceLine>& lines, const std::string& file, unsigned number, std::string_view text)
{
    for (std::string& word : command_line_words(text)) {
        lines.push_back({.file = file, .number = number, .text = std::move(word)});
        read_word(lines.back());
    }
}

} // namespace

std::vector<SourceLine> import_formats::read_command_line(const SourceFile& source)
{
    std::vector<SourceLine> lines;
    for (const SourceLine& line : content_lines(source))
        add_words(lines, source.name, source.name.starts_with("/proc/") ? 0 : line.number, line.text);
    return lines;
}

std::vector<SourceLine> import_formats::read_loader_entry(const SourceFile& source)
{
    std::vector<SourceLine> lines;
    for (const SourceLine& line : content_lines(source))
        if (line.text.starts_with("options ") || line.text.starts_with("options\t"))
            add_words(lines, source.name, line.number, std::string_view(line.text).substr(8));
    return lines;
}

std::vector<SourceLine> import_formats::read_grub(const SourceFile& source)
{
    std::vector<SourceLine> lines;
    for (const SourceLine& line : content_lines(source)) {
        const auto equals = line.text.find('=');
        if (!line.text.starts_with("GRUB_CMDLINE_LINUX") || equals == std::string::npos)
            continue;
        std::string_view value = trim(std::string_view(line.text).substr(equals + 1));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        // A drop-in continues the value that it found.
        for (const std::string_view own : {"$GRUB_CMDLINE_LINUX_DEFAULT", "${GRUB_CMDLINE_LINUX_DEFAULT}",
                                           "$GRUB_CMDLINE_LINUX", "${GRUB_CMDLINE_LINUX}"}) {
            if (value.starts_with(own)) {
                value.remove_prefix(own.size());
                break;
            }
        }
        add_words(lines, source.name, line.number, value);
    }
    return lines;
}

} // namespace vfio_early
