// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vfio_early::boot_test {

/// The virtio-serial port to the harness. Answers are frames (`frame NAME LENGTH`, the bytes, a newline)
/// closed by `end CODE`, so that no content can be taken for structure. Any I/O error ends the program: there is
/// nobody left to tell.
class Port {
public:
    /// Opens the device node `path` for reading and writing.
    explicit Port(const std::string& path);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    /// The next line of the harness, without its newline.
    std::string read_line();
    /// Exactly `count` bytes that follow a request line.
    std::string read_bytes(std::size_t count);
    void send(std::string_view text);
    void send_frame(std::string_view name, std::string_view payload);
    void send_end(int code);

private:
    void fill();

    int descriptor_;
    std::string buffer_;
};

} // namespace vfio_early::boot_test
