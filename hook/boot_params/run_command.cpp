// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/boot_params/run_command.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfio_early {

namespace {

/// The usual directories; PATH of a user who became root may lack the sbin ones.
std::string find_program(const std::string& name)
{
    for (const char* directory : {"/usr/local/sbin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
        const std::string path = directory + name;
        if (::access(path.c_str(), X_OK) == 0)
            return path;
    }
    return {};
}

} // namespace

Result<void> run_command(const std::vector<std::string>& command, CommandOutput output)
{
    const std::string program = find_program(command.front());
    if (program.empty())
        return system_error("run", command.front(), ENOENT);
    std::vector<std::string> arguments = command;
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_t child = 0;
    posix_spawn_file_actions_t actions{};
    if (const int code = ::posix_spawn_file_actions_init(&actions); code != 0)
        return system_error("run", program, code);
    if (output == CommandOutput::to_errors)
        ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    const int code = ::posix_spawn(&child, program.c_str(), &actions, nullptr, pointers.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
        return system_error("run", program, code);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return system_error("wait for", program, errno);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    return system_error("run", program, 0,
                        WIFEXITED(status) ? fmt::format("it ended with exit code {}", WEXITSTATUS(status))
                                          : fmt::format("it was ended by signal {}", WTERMSIG(status)));
}

} // namespace vfio_early
