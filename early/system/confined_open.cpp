// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/confined_open.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vfio_early {

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
    return -1;
}

} // namespace vfio_early
