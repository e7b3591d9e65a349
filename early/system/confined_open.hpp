// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vfio_early {

/// openat(2) that takes `directory` for "/": no "..", absolute path or symbolic link leads out of it
/// (RESOLVE_IN_ROOT of openat2(2), Linux 5.6). Returns -1 and errno as openat(2) does.
[[nodiscard]] int open_confined(int directory, const char* path, int flags, unsigned mode);

} // namespace vfio_early
