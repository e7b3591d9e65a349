// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/setup/terminal.hpp"

#include <cerrno>
#include <ostream>
#include <unistd.h>

namespace vfio_early {

TypeLine type_on_terminal(Console& console)
{
    return [&console](const std::string& prompt) -> std::optional<std::string> {
        constexpr std::size_t longest = 4096;
        console.out << prompt << std::flush;
        std::string line;
        char byte = '\0';
        while (line.size() < longest) {
            const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            if (byte == '\n')
                return line;
            line += byte;
        }
        console.out << '\n';
        return std::nullopt;
    };
}

} // namespace vfio_early
