// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/boot/guest/port.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace vfio_early::boot_test {

namespace {

[[noreturn]] void give_up(const char* what)
{
    std::perror(what);
    std::exit(1);
}

} // namespace

Port::Port(const std::string& path) : descriptor_(::open(path.c_str(), O_RDWR | O_CLOEXEC))
{
    if (descriptor_ < 0)
        give_up("open report port");
}

Port::~Port()
{
    ::close(descriptor_);
}

void Port::fill()
{
    char chunk[4096];
    const ssize_t count = ::read(descriptor_, chunk, sizeof chunk);
    if (count > 0) {
        buffer_.append(chunk, static_cast<std::size_t>(count));
    } else if (count == 0) {
        // the harness has not connected yet, or is gone
        ::usleep(20'000);
    } else if (errno != EINTR && errno != EAGAIN) {
        give_up("read report port");
    }
}

std::string Port::read_line()
{
    while (true) {
        const std::size_t end = buffer_.find('\n');
        if (end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        fill();
    }
}

std::string Port::read_bytes(std::size_t count)
{
    while (buffer_.size() < count)
        fill();
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return bytes;
}

void Port::send(std::string_view text)
{
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor_, text.data(), text.size());
        if (count > 0)
            text.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR && errno != EAGAIN)
            give_up("write report port");
    }
}

void Port::send_frame(std::string_view name, std::string_view payload)
{
    std::string frame = "frame ";
    frame.append(name).append(" ").append(std::to_string(payload.size())).append("\n");
    frame.append(payload).append("\n");
    send(frame);
}

void Port::send_end(int code)
{
    send("end " + std::to_string(code) + "\n");
}

} // namespace vfio_early::boot_test
