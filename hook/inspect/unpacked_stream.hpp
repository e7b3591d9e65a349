// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/inspect/byte_stream.hpp"

#include <array>
#include <memory>

struct archive;

namespace vfio_early {

/// What compressed data becomes: gzip, bzip2, lzma, xz, zstd or lz4 (also in the old form, which kernels read). Never
/// runs a program, as libarchive would for other formats.
class UnpackedStream final : public ByteStream {
public:
    /// `packed` outlives the stream. An error if it is in none of those formats.
    [[nodiscard]] static Result<std::unique_ptr<UnpackedStream>> open(std::string_view packed);

    /// "zstd"
    [[nodiscard]] std::string compression() const;
    /// How many bytes of `packed` were used. Reading ahead counts, so this is sure only where at_end().
    [[nodiscard]] std::size_t used() const;

private:
    struct Close {
        void operator()(archive* packed) const;
    };
    explicit UnpackedStream(archive* packed) : archive_(packed) {}
    Result<std::string_view> next_block() override;

    std::unique_ptr<archive, Close> archive_;
    std::array<char, 65536> buffer_{};
};

} // namespace vfio_early
