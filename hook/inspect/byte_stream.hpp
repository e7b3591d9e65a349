// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace vfio_early {

/// Bytes that are read once, from the front.
class ByteStream {
public:
    virtual ~ByteStream() = default;
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;

    /// True if no byte is left. An error: the bytes cannot be had, for instance because compressed data is damaged.
    [[nodiscard]] Result<bool> at_end();
    /// The next byte; only where at_end() has just said that there is one.
    [[nodiscard]] char front() const { return block_.front(); }
    /// Takes exactly `size` bytes; appends them to `into` unless that is null. An error if there are fewer.
    [[nodiscard]] Result<void> take(std::uint64_t size, std::string* into);
    /// How many bytes were taken.
    [[nodiscard]] std::uint64_t taken() const { return taken_; }

protected:
    ByteStream() = default;
    /// The next bytes, which stay valid until the next call; empty at the end.
    virtual Result<std::string_view> next_block() = 0;

private:
    std::string_view block_;
    std::uint64_t taken_ = 0;
};

/// The bytes of a text that outlives the stream.
class TextStream final : public ByteStream {
public:
    explicit TextStream(std::string_view text) : text_(text) {}

private:
    Result<std::string_view> next_block() override { return std::exchange(text_, {}); }

    std::string_view text_;
};

} // namespace vfio_early
