// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/confined_open.hpp"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace vfio_early {

namespace {

/// The names of `path`, last first, so that the next one is at the back.
void push_names(std::vector<std::string>& names, std::string_view path)
{
    while (!path.empty()) {
        const std::size_t slash = path.rfind('/');
        const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
        if (!name.empty() && name != ".")
            names.emplace_back(name);
        path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    }
}

} // namespace

int open_confined_by_hand(int directory, const char* path, int flags, unsigned mode)
{
    constexpr int most_links = 40; // as the kernel: MAXSYMLINKS in include/linux/namei.h
    std::vector<std::string> pending;
    push_names(pending, path);
    std::string resolved; // holds no symbolic link and no ".."
    int links = 0;
    while (!pending.empty()) {
        const std::string name = std::move(pending.back());
        pending.pop_back();
        if (name == "..") {
            const std::size_t slash = resolved.rfind('/');
            resolved.resize(slash == std::string::npos ? 0 : slash);
            continue;
        }
        const std::string candidate = resolved.empty() ? name : resolved + "/" + name;
        char target[PATH_MAX];
        const bool follow = !pending.empty() || (flags & O_NOFOLLOW) == 0;
        const ssize_t length = follow ? ::readlinkat(directory, candidate.c_str(), target, sizeof target) : -1;
        if (length < 0) {
            resolved = candidate;
            continue;
        }
        if (++links > most_links) {
            errno = ELOOP;
            return -1;
        }
        const std::string_view link(target, static_cast<std::size_t>(length));
        if (link.starts_with('/'))
            resolved.clear();
        push_names(pending, link);
    }
    return ::openat(directory, resolved.empty() ? "." : resolved.c_str(), flags | O_NOFOLLOW, mode);
}

int open_confined(int directory, const char* path, int flags, unsigned mode)
{
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0; attempt < 8; ++attempt) {
        const long number = ::syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (number >= 0)
            return static_cast<int>(number);
        // EAGAIN: a rename elsewhere while ".." was walked; openat2(2) asks to try again.
        if (errno != EAGAIN)
            break;
    }
    // EPERM: sandboxes older than the system call answer it so.
    if (errno == ENOSYS || errno == EPERM)
        return open_confined_by_hand(directory, path, flags, mode);
    return -1;
}

} // namespace vfio_early
