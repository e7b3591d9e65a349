// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/boot/guest/process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace vfio_early::boot_test {

namespace {

[[noreturn]] void become(const std::vector<std::string>& words, int output)
{
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

} // namespace

Finished run_program(const std::vector<std::string>& words)
{
    Finished finished;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        finished.code = 127;
        return finished;
    }
    const pid_t child = ::fork();
    if (child == 0)
        become(words, ends[1]);
    ::close(ends[1]);
    char chunk[4096];
    ssize_t count = 0;
    while ((count = ::read(ends[0], chunk, sizeof chunk)) > 0 || (count < 0 && errno == EINTR))
        if (count > 0)
            finished.output.append(chunk, static_cast<std::size_t>(count));
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return finished;
}

} // namespace vfio_early::boot_test
