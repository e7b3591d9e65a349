// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/image/policy_store.hpp"

#include "early/commands/policy_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <system_error>

namespace vfio_early {

namespace {

bool same(const std::vector<PolicyFile>& left, const std::vector<PolicyFile>& right)
{
    return std::ranges::equal(
        left, right, [](const PolicyFile& a, const PolicyFile& b) { return a.name == b.name && a.text == b.text; });
}

/// Puts directory `fresh` at `place`; what stood there is then at `fresh`, or at `place`.old for a moment.
Result<void> exchange(const std::string& fresh, const std::string& place)
{
    const std::string old = place + ".old";
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) == 0)
        return {};
    // Not every file system can exchange, and the place may be empty.
    std::error_code ignored;
    std::filesystem::remove_all(old, ignored);
    if (::rename(place.c_str(), old.c_str()) != 0 && errno != ENOENT)
        return system_error("rename", place, errno);
    if (::rename(fresh.c_str(), place.c_str()) != 0)
        return system_error("rename", fresh, errno);
    return {};
}

} // namespace

Result<std::vector<PolicyFile>> read_last_good(const Root& root)
{
    const auto store = Root::open(root.prefix() + "/" + last_good_directory);
    if (!store)
        return std::unexpected(store.error());
    return read_policy_files(*store);
}

Result<void> keep_last_good(const Root& root, const std::vector<PolicyFile>& files)
{
    if (const auto kept = read_last_good(root); kept && same(*kept, files))
        return {};
    const std::string place = root.prefix() + "/" + last_good_directory;
    const std::string fresh = place + ".new";
    std::error_code error;
    std::filesystem::remove_all(fresh, error);
    if (std::filesystem::create_directories(fresh, error); error)
        return system_error("make", fresh, error.value());
    const auto store = Root::open(fresh);
    if (!store)
        return std::unexpected(store.error());
    for (const PolicyFile& file : files)
        if (auto written = store->replace_file(file.name.substr(1), file.text); !written)
            return written;
    auto placed = exchange(fresh, place);
    std::filesystem::remove_all(fresh, error);
    std::filesystem::remove_all(place + ".old", error);
    return placed;
}

} // namespace vfio_early
