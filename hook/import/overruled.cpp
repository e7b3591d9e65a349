// SPDX-License-Identifier: GPL-2.0-or-later
// kmod hands the options of all files to the kernel in the order of their names, those of the kernel command line last,
// and `ids` is a string of which the last one holds (vfio_pci_fill_ids() in drivers/vfio/pci/vfio_pci.c).
#include "hook/import/resolve.hpp"

#include "early/model/text.hpp"
#include "hook/import/words.hpp"

namespace vfio_early::import_parts {

namespace {

/// The module whose ids= a line of modprobe.d or a word of the command line sets; empty if it sets none.
std::string module_of_ids(const SourceLine& line)
{
    if (line.wishes.empty() || line.fate != LineFate::remove)
        return {};
    const auto words = blank_words(line.text);
    if (words.size() > 2 && words[0] == "options")
        return normal_module_name(words[1]);
    const std::string name = normal_module_name(line.text.substr(0, line.text.find('=')));
    return name.ends_with(".ids") ? name.substr(0, name.size() - 4) : std::string();
}

} // namespace

void leave_overruled_ids(std::vector<SourceLine>& lines)
{
    std::map<std::string, const SourceLine*> last;
    for (const SourceLine& line : lines)
        if (const std::string module = module_of_ids(line); !module.empty())
            last[module] = &line;
    for (SourceLine& line : lines) {
        const auto holds = last.find(module_of_ids(line));
        // The same word in the loader's file and in /proc/cmdline, or the same list twice, is no contradiction.
        if (holds == last.end() || holds->second == &line || holds->second->text == line.text)
            continue;
        line.wishes.clear();
        line.why = "it has no effect: the ids= of " + holds->second->location() +
                   " comes later, and the last one holds; "
                   "vfio-earlyctl add takes what it names";
    }
}

} // namespace vfio_early::import_parts
