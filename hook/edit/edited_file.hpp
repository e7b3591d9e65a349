// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace vfio_early {

/// What became of the file as it was.
enum class Backup : std::uint8_t {
    none,    ///< there was no file
    written, ///< it is the backup now
    kept,    ///< the backup is of today already, and stays: the file before the first change of the day
};

/// A text file that this run changes. From open() to the end no other run of the tool has it: the new text grows in
/// .NAME.new beside it, which is locked. Until the last step, a rename, the file is the old one; what a run that was
/// killed has left is taken over by the next.
class EditedFile {
public:
    /// Waits some seconds for another run (then EAGAIN). Where `path` is a symbolic link, the file that it leads to is
    /// meant. Missing directories are made; a missing file is an empty one. Anything but a regular file is an error.
    [[nodiscard]] static Result<EditedFile> open(const Root& root, const std::string& path);
    EditedFile(EditedFile&& other) noexcept;
    EditedFile& operator=(EditedFile&&) = delete;
    ~EditedFile();

    /// What the file holds.
    [[nodiscard]] const std::string& text() const { return text_; }
    /// Puts `text` in its place, with the same mode and owner, and keeps the old one as NAME~. To be called once.
    [[nodiscard]] Result<Backup> replace(std::string_view text);
    /// "The file as it was is /etc/vfio-early.conf~."; empty if there was none.
    [[nodiscard]] std::string backup_text(Backup backup) const;

private:
    EditedFile() = default;
    Result<void> lock(const Root& root);
    Result<void> read_old(const Root& root);
    Result<void> fill(const FileDescriptor& file, std::string_view text) const;
    Result<Backup> back_up() const;

    FileDescriptor directory_;
    FileDescriptor new_file_; ///< the lock, too
    std::string name_;        ///< within the directory
    std::string shown_;       ///< as the user would name it
    std::string text_;
    bool exists_ = false;
    mode_t mode_ = 0644;
    uid_t owner_ = 0;
    gid_t group_ = 0;
};

} // namespace vfio_early
