// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/needs/mount_table.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>
#include <ranges>

namespace vfio_early {

namespace {

/// The words of a line, parted by any white space.
std::vector<std::string_view> words_of(std::string_view line)
{
    std::vector<std::string_view> words;
    constexpr std::string_view white = " \t";
    for (std::size_t start = line.find_first_not_of(white); start != std::string_view::npos;) {
        const std::size_t end = line.find_first_of(white, start);
        words.push_back(line.substr(start, end - start));
        start = line.find_first_not_of(white, end);
    }
    return words;
}

bool is_octal(char letter)
{
    return letter >= '0' && letter <= '7';
}

/// "\040" is a space: mangle() in fs/seq_file.c writes white space and '\' so, and fstab(5) has it, too.
std::string unescape(std::string_view text)
{
    std::string plain;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] == '\\' && index + 3 < text.size() && is_octal(text[index + 1]) && is_octal(text[index + 2]) &&
            is_octal(text[index + 3])) {
            const int value = (text[index + 1] - '0') * 64 + (text[index + 2] - '0') * 8 + (text[index + 3] - '0');
            plain += static_cast<char>(value);
            index += 3;
        } else {
            plain += text[index];
        }
    }
    return plain;
}

/// True if `path` is `point` or below it.
bool is_within(std::string_view path, std::string_view point)
{
    if (point == "/" || path == point)
        return true;
    return path.starts_with(point) && path.size() > point.size() && path[point.size()] == '/';
}

} // namespace

bool is_remote(std::string_view type)
{
    constexpr std::array<std::string_view, 9> types{"nfs",      "nfs4", "cifs", "smb3",     "9p",
                                                    "virtiofs", "ceph", "afs",  "glusterfs"};
    return std::ranges::find(types, type) != types.end();
}

std::vector<Mount> parse_mountinfo(std::string_view text)
{
    std::vector<Mount> mounts;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = words_of(line);
        // Optional fields stand before the lone dash.
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 6 || words.end() - dash < 3)
            continue;
        const std::size_t colon = words[2].find(':');
        if (colon == std::string_view::npos)
            continue;
        const auto major = parse_decimal(words[2].substr(0, colon));
        const auto minor = parse_decimal(words[2].substr(colon + 1));
        if (!major || !minor)
            continue;
        mounts.push_back({*major, *minor, unescape(words[4]), unescape(dash[1]), unescape(dash[2]),
                          words.end() - dash > 3 ? unescape(dash[3]) : std::string()});
    }
    return mounts;
}

const Mount* mount_of(const std::vector<Mount>& mounts, std::string_view path)
{
    const Mount* best = nullptr;
    for (const Mount& mount : mounts) {
        // A later mount at the same place hides the earlier one.
        if (is_within(path, mount.point) && (best == nullptr || mount.point.size() >= best->point.size()))
            best = &mount;
    }
    return best;
}

const Mount* mounted_at(const std::vector<Mount>& mounts, std::string_view point)
{
    const auto found = std::ranges::find(mounts.rbegin(), mounts.rend(), point, &Mount::point);
    return found == mounts.rend() ? nullptr : &*found;
}

std::vector<FstabEntry> parse_fstab(std::string_view text)
{
    std::vector<FstabEntry> entries;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = words_of(line);
        if (words.size() < 3 || words.front().starts_with('#'))
            continue;
        const auto options = words.size() > 3 ? split(words[3], ',') : std::vector<std::string_view>();
        const bool needed = std::ranges::none_of(
            options, [](std::string_view option) { return option == "noauto" || option == "nofail"; });
        entries.push_back({unescape(words[0]), unescape(words[1]), unescape(words[2]), needed});
    }
    return entries;
}

std::vector<std::string> parse_swaps(std::string_view text)
{
    std::vector<std::string> files;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = words_of(line);
        // The first line is a heading.
        if (!words.empty() && words.front().starts_with('/'))
            files.push_back(unescape(words.front()));
    }
    return files;
}

} // namespace vfio_early
