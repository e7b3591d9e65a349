// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/error.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// One file of an image.
struct ImageEntry {
    unsigned mode = 0;      ///< as stat(2) has it
    std::uint64_t size = 0; ///< in bytes
    std::string text;       ///< the target of a symbolic link; the content of a file that is_read_whole()

    [[nodiscard]] bool is_file() const;
    [[nodiscard]] bool is_link() const;
    [[nodiscard]] bool is_executable() const;
};

/// What the kernel unpacks from an initramfs image before it starts /init.
struct ImageContent {
    /// By the path without a leading slash. What an image has in bin, sbin or lib stands in usr/bin, usr/sbin and
    /// usr/lib here, as the links of today's images say. Of two entries for one path the later holds, as for the
    /// kernel.
    std::map<std::string, ImageEntry, std::less<>> entries;
    std::vector<std::string> parts; ///< "cpio", "cpio in zstd", in order
    std::uint64_t bytes = 0;        ///< unpacked, over all parts
    std::uint64_t kept = 0;         ///< of them in memory: names, and texts of entries
    /// Files that stand in an image and in one that comes behind it, which wins.
    std::vector<std::string> replaced;
    bool behind_lz4 =
        false; ///< something comes behind data in lz4, whose end the kernel finds only where zero bytes are
    // Of a unified kernel image and its add-ons only:
    bool unified = false;                    ///< there is a kernel in it
    bool addon = false;                      ///< an EFI program without one
    bool is_signed = false;                  ///< for Secure Boot, by whomever
    std::string release;                     ///< of the kernel
    std::optional<std::string> command_line; ///< that is built in

    [[nodiscard]] const ImageEntry* find(std::string_view path) const;
    /// The content of a file; empty if it is not there or was not read.
    [[nodiscard]] std::string_view text(std::string_view path) const;
    /// Calls `handle` with the path and the content of each file whose path begins and ends so.
    void for_each_file(std::string_view prefix, std::string_view suffix,
                       const std::function<void(const std::string&, std::string_view)>& handle) const;
};

/// True for the files whose content decides something: policy, hooks, lists of modules, modprobe.d and the like.
[[nodiscard]] bool is_read_whole(std::string_view path);

/// Reads an image: cpio archives one after the other, plain or compressed, as the kernel takes them
/// (Documentation/driver-api/early-userspace/buffer-format.rst), or a unified kernel image or an add-on (a PE file)
/// with such in it. Any bytes may be given: what is no image, ends too early or holds more than an image can is an
/// error.
[[nodiscard]] Result<ImageContent> read_image(std::string_view bytes);

/// Unpacks `later` behind what is there, as the kernel does: its files stand in the place of older ones. An add-on
/// for another kernel (its .uname) changes nothing, as systemd-stub(7) leaves it out: false.
bool unpack_behind(ImageContent& content, ImageContent later);

} // namespace vfio_early
