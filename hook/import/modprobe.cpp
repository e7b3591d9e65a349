// SPDX-License-Identifier: GPL-2.0-or-later
// modprobe.d(5).
#include "hook/import/formats.hpp"

#include "early/model/text.hpp"
#include "hook/import/module_words.hpp"
#include "hook/import/words.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

using Words = std::vector<std::string_view>;

void read_options_line(SourceLine& line, const Words& words)
{
    const std::string module = normal_module_name(words[1]);
    const auto behind = static_cast<std::size_t>(words[1].data() + words[1].size() - line.text.data());
    if (takes_functions(module))
        read_options(line, module, std::string(line.text, behind));
    else
        line.why = "options of " + module + ", which has nothing to do with binding";
}

void read_alias(SourceLine& line, const Words& words)
{
    const std::string module = normal_module_name(words[2]);
    if (words[1].starts_with("pci:") && takes_functions(module)) {
        line.wishes.emplace_back().selector.modalias = std::string(words[1]);
        line.settle(LineFate::remove, "the policy names the functions themselves");
    } else if (words[2] == "off") {
        line.blocked_modules.push_back(normal_module_name(words[1]));
    } else {
        line.why = "an alias for " + module;
    }
}

/// `softdep M pre: A B post: C`
void read_softdep(SourceLine& line, const Words& words)
{
    bool asks_for_vfio = false;
    std::vector<std::string> others;
    for (std::size_t index = 2; index < words.size(); ++index) {
        const std::string module = normal_module_name(words[index]);
        if (words[index].ends_with(':'))
            continue;
        if (takes_functions(module))
            asks_for_vfio = true;
        else
            others.push_back(module);
    }
    if (!asks_for_vfio) {
        line.why = "an order of modules without vfio";
    } else if (!others.empty()) {
        line.settle(LineFate::keep,
                    "it also asks for " + join(others, ", ") + "; the vfio modules in it are no longer needed");
    } else {
        line.settle(
            LineFate::remove,
            "vfio-early pins the functions before any module is loaded, so the order of modules does not matter");
    }
}

/// `install M COMMAND...`, as shell would read it
void read_install(SourceLine& line, const Words& words)
{
    const std::string module = normal_module_name(words[1]);
    const std::string_view program = base_name(words[2]);
    const bool names_vfio = std::ranges::any_of(words.begin() + 2, words.end(), [](std::string_view word) {
        return takes_functions(normal_module_name(trim_shell(word)));
    });
    if (takes_functions(module)) {
        line.settle(
            LineFate::not_understood,
            "it runs a program of your own; see which functions that binds and name them with `vfio-earlyctl add`, "
            "then delete the line: vfio-early runs no install commands");
    } else if (program == "true" || program == "false" || program == ":") {
        line.blocked_modules.push_back(module);
    } else if (names_vfio) {
        line.settle(LineFate::remove, "vfio-early pins the functions before " + module + " can be loaded");
    } else {
        line.why = "a command for " + module;
    }
}

void read_line(SourceLine& line)
{
    const Words words = blank_words(line.text);
    const std::string_view command = words.front();
    const auto needs = [&](std::size_t count) { return words.size() >= count; };
    if (command == "options" && needs(2))
        read_options_line(line, words);
    else if (command == "alias" && needs(3))
        read_alias(line, words);
    else if (command == "softdep" && needs(2))
        read_softdep(line, words);
    else if (command == "install" && needs(3))
        read_install(line, words);
    else if (command == "blacklist" && needs(2))
        line.blocked_modules.push_back(normal_module_name(words[1]));
    else
        line.why = "not about binding";
}

} // namespace

std::vector<SourceLine> import_formats::read_modprobe(const SourceFile& source)
{
    std::vector<SourceLine> lines = content_lines(source, true);
    for (SourceLine& line : lines)
        read_line(line);
    return lines;
}

} // namespace vfio_early
