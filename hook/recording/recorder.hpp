// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/system/root.hpp"
#include "hook/edit/lines.hpp"
#include "hook/recording/recorded_tree.hpp"

#include <string>
#include <string_view>

namespace vfio_early {

struct RecordOptions {
    bool serials = false; ///< also Device Serial Numbers, MAC addresses and serial numbers of disks
    std::string pci_ids;  ///< the list of names; empty: the one of this system
};

/// Records what the programs read of a machine, and nothing else. Fails only if PCI cannot be seen.
[[nodiscard]] Result<RecordedTree> record_machine(const Root& root, const RecordOptions& options);

/// `text` with the digits of each MAC address, Device Serial Number and serial= made zero.
[[nodiscard]] std::string without_serials(std::string_view text);

/// The lines of `text` for which `keep` is true.
template <typename Keep>
[[nodiscard]] std::string kept_lines(std::string_view text, Keep keep)
{
    std::string kept;
    for (const std::string_view line : lines_of(text))
        if (keep(line))
            kept.append(line).append("\n");
    return kept;
}

/// Copies single facts from a root into a tree; what is not there is left out.
class Recorder {
public:
    Recorder(const Root& root, RecordedTree& tree, const RecordOptions& options)
        : root_(root), tree_(tree), options_(options)
    {
    }

    [[nodiscard]] const Root& root() const { return root_; }
    [[nodiscard]] const RecordOptions& options() const { return options_; }

    void file(const std::string& path);
    /// The first `size` bytes, as they are.
    void prefix(const std::string& path, std::size_t size);
    void link(const std::string& path);
    /// An empty file where there is one: that it exists is the fact.
    void presence(const std::string& path);
    /// Every file of the directory whose name ends so.
    void files_of(const std::string& directory, std::string_view suffix);
    /// A text as it may be recorded: without serial numbers, unless they were asked for.
    [[nodiscard]] std::string cleaned(std::string_view text) const;
    /// A text of our own making.
    void text(const std::string& path, std::string content);

    /// Where the link `path` leads, below the root: "sys/devices/pci0000:00/0000:00:01.0".
    [[nodiscard]] std::string target(const std::string& path) const;

private:
    const Root& root_;
    RecordedTree& tree_;
    const RecordOptions& options_;
};

/// The parts of a machine, one file each.
Result<void> record_pci(Recorder& recorder);
void record_block_and_net(Recorder& recorder);
void record_kernel(Recorder& recorder);
void record_configuration(Recorder& recorder);
void record_old_ways(Recorder& recorder);
void record_modules(Recorder& recorder);
void record_names(Recorder& recorder);

} // namespace vfio_early
