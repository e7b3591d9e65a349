// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/bind_command.hpp"
#include "early/commands/options.hpp"
#include "early/commands/recover_command.hpp"
#include "early/commands/release_command.hpp"
#include "early/model/exit_codes.hpp"
#include "vfio_early_version.hpp"

#include <csignal>
#include <cstdio>

int main(int count, char** arguments)
{
    using namespace vfio_early;
    const auto started = std::chrono::steady_clock::now();
    // Who started us may ignore it, and then no child could be waited for.
    std::signal(SIGCHLD, SIG_DFL);
    const auto options =
        parse_options(std::span(arguments, static_cast<std::size_t>(count)).subspan(count > 0 ? 1 : 0));
    if (!options) {
        std::fprintf(stderr, "vfio-early: %s\nTry vfio-early --help.\n", options.error().c_str());
        return exit_usage;
    }
    switch (options->command) {
    case Options::Command::bind:
        return run_bind(*options, started);
    case Options::Command::release:
        return run_release(*options);
    case Options::Command::recover:
        return run_recover(*options);
    case Options::Command::version:
        std::printf("vfio-early %s\n", version);
        return exit_ok;
    case Options::Command::help:
        break;
    }
    const std::string_view help = help_text();
    std::fwrite(help.data(), 1, help.size(), stdout);
    return exit_ok;
}
