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
        const auto words = blank_words(line.text);
        const std::string module = normal_module_name(words.front());
        if (!takes_functions(module)) {
            line.why = module + " has nothing to do with binding";
            continue;
        }
        std::vector<std::string> broken;
        for (std::size_t index = 1; index < words.size(); ++index) {
            const auto equals = words[index].find('=');
            const std::string_view value = equals == std::string_view::npos ? "" : words[index].substr(equals + 1);
            add_option(line, module, words[index].substr(0, equals), value, broken);
        }
        settle_options(line, broken);
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
