// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/overlay/overlay_parts.hpp"

#include "hook/image/staging.hpp"

#include <cerrno>
#include <cstring>
#include <elf.h>

namespace vfio_early {

namespace {

constexpr const char* program_path = "usr/sbin/vfio-early";
constexpr const char* skeleton = "usr/share/vfio-early/overlay";
constexpr const char* units = "usr/lib/systemd/system/";
constexpr std::size_t largest_program = std::size_t{64} << 20U;
constexpr unsigned deepest = 8;

/// True if the program needs a loader, and so libraries. Anything that is no ELF file of this kind needs none.
bool is_dynamic(std::string_view program)
{
    Elf64_Ehdr head{};
    if (program.size() < sizeof head)
        return false;
    std::memcpy(&head, program.data(), sizeof head);
    if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64)
        return false;
    for (std::size_t index = 0; index < head.e_phnum; ++index) {
        Elf64_Phdr segment{};
        const std::size_t at = head.e_phoff + index * sizeof segment;
        if (at > program.size() || program.size() - at < sizeof segment)
            return false;
        std::memcpy(&segment, program.data() + at, sizeof segment);
        if (segment.p_type == PT_INTERP)
            return true;
    }
    return false;
}

/// The installed files name the program by its path in a generator's image.
std::string with_program_of_overlay(std::string text)
{
    const std::string from = std::string("/") + program_path;
    const std::string to = std::string("/") + program_in_overlay;
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

Result<void> add_folder(OverlayTree& tree, const Root& root, const std::string& folder, unsigned depth = 0)
{
    const std::string from = std::string(skeleton) + (folder.empty() ? "" : "/" + folder);
    const auto names = root.list(from);
    if (!names)
        return std::unexpected(names.error());
    for (const std::string& name : *names) {
        std::string path = folder.empty() ? name : std::string(folder).append("/").append(name);
        auto text = root.read(from + "/" + name);
        if (!text && text.error().code == EISDIR && depth < deepest) {
            if (auto added = add_folder(tree, root, path, depth + 1); !added)
                return added;
            continue;
        }
        if (!text)
            return std::unexpected(text.error());
        if (path.starts_with(units) && path.ends_with(".service"))
            tree[units + std::string("sysinit.target.wants/") + name] = {OverlayEntry::Kind::link, "../" + name};
        const bool script = path.starts_with("scripts/");
        tree[std::move(path)] = {script ? OverlayEntry::Kind::program : OverlayEntry::Kind::file,
                                 with_program_of_overlay(std::move(*text))};
    }
    return {};
}

} // namespace

Result<OverlayTree> overlay_program(const Root& root)
{
    OverlayTree tree;
    auto program = root.read(program_path, largest_program);
    if (!program)
        return std::unexpected(program.error());
    if (is_dynamic(*program))
        return system_error("use", std::string("/") + program_path, 0,
                            "it is not static, and an overlay has no libraries for it");
    tree[program_in_overlay] = {OverlayEntry::Kind::program, std::move(*program)};
    if (auto added = add_folder(tree, root, {}); !added)
        return std::unexpected(added.error());
    return tree;
}

void add_policy(OverlayTree& tree, const std::vector<PolicyFile>& files)
{
    for (const PolicyFile& file : files)
        tree[name_in_image(file.name).substr(1)] = {OverlayEntry::Kind::file, file.text};
}

} // namespace vfio_early
