// SPDX-License-Identifier: GPL-2.0-or-later
// libstdc++'s own handler prints the demangled type of an uncaught exception: 45 KiB of demangler for a line that
// early userspace shows nobody. Defined here, it is not taken from the archive.

#include <cstdlib>

namespace __gnu_cxx {

void __verbose_terminate_handler(); // NOLINT(bugprone-reserved-identifier)

void __verbose_terminate_handler() // NOLINT(bugprone-reserved-identifier)
{
    std::abort();
}

} // namespace __gnu_cxx
