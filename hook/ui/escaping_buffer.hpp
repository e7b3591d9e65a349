// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <streambuf>
#include <string>
#include <string_view>

namespace vfio_early {

/// Hands text on, a line at a time, as it may be shown on a terminal: what printable() escapes is escaped, but for line
/// ends, tabs and the program's own colours. All output of vfio-earlyctl goes through it, for names come from
/// recordings and lists of other people.
class EscapingBuffer final : public std::streambuf {
public:
    /// `colour`: sequences of paint() are let through. `target` outlives it.
    EscapingBuffer(std::streambuf& target, bool colour) : target_(target), colour_(colour) {}
    EscapingBuffer(const EscapingBuffer&) = delete;
    EscapingBuffer& operator=(const EscapingBuffer&) = delete;

    /// What was written, or the first 4 KiB of it.
    [[nodiscard]] const std::string& beginning() const { return beginning_; }

protected:
    int_type overflow(int_type character) override;
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    int sync() override;

private:
    /// False if the target did not take it.
    bool hand_on(std::string_view text);

    std::streambuf& target_;
    bool colour_;
    std::string line_; ///< begun
    std::string beginning_;
};

} // namespace vfio_early
