// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorded_tree.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"
#include "hook/recording/machine_text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>

namespace vfio_early {

namespace {

constexpr std::size_t largest_text = 4U << 20U;

/// True if some directory on the way to `path` is a file or a link of the tree.
bool goes_through_another(const RecordedTree& tree, const std::string& path)
{
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
        const std::string parent = path.substr(0, slash);
        if (tree.files.contains(parent) || tree.links.contains(parent))
            return true;
    }
    return false;
}

bool is_sound(const RecordedTree& tree)
{
    for (const auto* entries : {&tree.files, &tree.links})
        for (const auto& [path, content] : *entries)
            if (clean_path(path) != path || goes_through_another(tree, path) ||
                (entries == &tree.files && tree.links.contains(path)))
                return false;
    return true;
}

/// True if the file begins as a text does: archives have zero bytes, and so have all kinds of compression.
bool is_text(const FileDescriptor& file)
{
    const std::string beginning = read_up_to(file, 512).value_or("");
    return !beginning.empty() && std::ranges::all_of(beginning, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= ' ' || c == '\n' || c == '\t' || c == '\r';
    });
}

Result<RecordedTree> read_text(const std::string& path)
{
    const auto text = read_regular_file(path, largest_text);
    if (!text)
        return std::unexpected(text.error());
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    return parse_machine_text(*text, path, [&](const std::string& name) {
        return read_regular_file((folder / (name + ".machine")).string(), largest_text);
    });
}

} // namespace

std::string clean_path(std::string_view text)
{
    std::string clean;
    for (const std::string_view part : split(text, '/')) {
        if (part == ".." || text.starts_with('/'))
            return {};
        if (!part.empty() && part != ".")
            clean.append(clean.empty() ? "" : "/").append(part);
    }
    return clean;
}

Result<RecordedTree> read_recording(const std::string& path)
{
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file)
        return system_error("read", path, errno);
    struct stat status{};
    if (::fstat(file.get(), &status) == 0 && !S_ISREG(status.st_mode)) // a pipe would be waited for
        return system_error("read", path, EINVAL, "not a regular file");
    auto tree = is_text(file) ? read_text(path) : read_tar(path);
    if (tree && !is_sound(*tree))
        return system_error("read", path, EINVAL, "not a recording of a machine");
    return tree;
}

} // namespace vfio_early
