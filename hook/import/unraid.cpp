// SPDX-License-Identifier: GPL-2.0-or-later
// Unraid's /boot/config/vfio-pci.cfg: BIND= and a list of ADDRESS, ADDRESS|VENDOR:DEVICE or VENDOR:DEVICE, parted by
// blanks. Its script binds the whole IOMMU group of each.
#include "hook/import/formats.hpp"

#include "early/model/text.hpp"
#include "hook/import/words.hpp"

namespace vfio_early {

namespace {

std::optional<Wish> read_entry(std::string_view entry)
{
    const auto bar = entry.find('|');
    const std::string_view first = entry.substr(0, bar);
    std::optional<Wish> wish;
    if (first.find('.') != std::string_view::npos) {
        wish = wish_at(first);
    } else if (const auto id = parse_id_pattern(first)) {
        wish.emplace();
        wish->selector.ids.push_back(*id);
    }
    if (wish && bar != std::string_view::npos) {
        const auto id = parse_id_pattern(entry.substr(bar + 1));
        if (!id)
            return {};
        wish->selector.ids.push_back(*id);
    }
    if (wish)
        wish->whole_group = true;
    return wish;
}

} // namespace

std::vector<SourceLine> import_formats::read_unraid(const SourceFile& source)
{
    std::vector<SourceLine> lines = content_lines(source);
    for (SourceLine& line : lines) {
        const auto equals = line.text.find('=');
        const std::string_view key = std::string_view(line.text).substr(0, equals);
        if (equals == line.text.npos || (key != "BIND" && key != "DEVICES")) { // the latter is the older word
            const bool functions = line.text.starts_with("VFS=") || line.text.starts_with("VFSETTINGS=");
            line.fate = functions ? LineFate::not_understood : LineFate::unrelated;
            line.why = functions ? "virtual functions: see vfs= in vfio-early.conf(5)" : "not about binding";
            continue;
        }
        line.settle(LineFate::remove, "the policy names the functions themselves");
        for (const std::string_view entry : blank_words(trim_shell(std::string_view(line.text).substr(equals + 1))))
            if (auto wish = read_entry(entry))
                line.wishes.push_back(std::move(*wish));
            else
                line.settle(LineFate::not_understood, "\"" + std::string(entry) + "\" is neither an address nor an id");
    }
    return lines;
}

} // namespace vfio_early
