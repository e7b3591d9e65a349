// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/shell.hpp"

#include <array>
#include <cstdio>
#include <sys/wait.h>

namespace vfio_early::test {

ShellRun shell(const std::string& command)
{
    ShellRun run;
    FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        run.out.append(buffer.data(), got);
    run.code = WEXITSTATUS(::pclose(pipe));
    return run;
}

} // namespace vfio_early::test
