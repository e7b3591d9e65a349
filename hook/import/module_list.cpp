// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of modules to load: /etc/modules, modules-load.d(5), /etc/initramfs-tools/modules. A line is a module and its
// options.
#include "hook/import/formats.hpp"

#include "early/model/text.hpp"
#include "hook/import/module_words.hpp"
#include "hook/import/words.hpp"

namespace vfio_early {

std::vector<SourceLine> import_formats::read_module_list(const SourceFile& source)
{
    std::vector<SourceLine> lines = content_lines(source);
    for (SourceLine& line : lines) {
        // People write several modules on one line, and options behind the last of them.
        std::string_view rest = line.text;
        std::string module;
        for (const std::string_view word : blank_words(line.text)) {
            const std::string name = normal_module_name(word);
            if (!module.empty() && !takes_functions(name))
                break;
            module = name;
            rest = std::string_view(line.text).substr(
                static_cast<std::size_t>(word.data() + word.size() - line.text.data()));
        }
        if (!takes_functions(module)) {
            line.why = module + " has nothing to do with binding";
            continue;
        }
        read_options(line, module, std::string(rest));
        if (line.fate != LineFate::remove)
            continue;
        line.why += source.kind == SourceKind::image_modules
                        ? "; this list is read only after udev has started the native drivers of the image"
                        : "; this list is read when the native drivers have long been at work";
        if (module == "vfio_virqfd")
            line.why += "; and vfio_virqfd has been a part of vfio since Linux 6.2";
    }
    return lines;
}

} // namespace vfio_early
