// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/recovery.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <utility>

namespace vfio_early {

namespace {

constexpr int patience = 3;

/// What root= begins with when it is no block device of this machine (initramfs-tools, scripts/nfs; dracut.cmdline(7)).
constexpr std::array<std::string_view, 13> network_roots{
    "/dev/nfs", "nfs:",    "nfs4:",     "iscsi:",   "nbd",       "/dev/nbd", "fcoe:",
    "dhcp",     "cifs://", "live:http", "live:ftp", "live:tftp", "live:nfs",
};

/// Words that there would be no use for otherwise (open-iscsi, nbd-client, dracut).
constexpr std::array<std::string_view, 7> network_words{
    "netroot=", "nfsroot=", "nbdroot=", "iscsi_initiator=", "ISCSI_INITIATOR=", "rd.iscsi.", "rd.nvmf.",
};

bool starts_with_any(std::string_view text, const auto& beginnings)
{
    return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return text.starts_with(beginning); });
}

/// udev writes what does not go into a file name as \xNN (encode_devnode_name() in systemd); '/' in a label is
/// the case that matters.
std::string encoded(std::string_view value)
{
    std::string name;
    for (const char letter : value) {
        const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                           (letter >= 'A' && letter <= 'Z') ||
                           std::string_view("#+-.:=@_").find(letter) != std::string_view::npos ||
                           static_cast<unsigned char>(letter) >= 0x80;
        name += plain ? std::string(1, letter) : "\\x" + hex_text(static_cast<unsigned char>(letter), 2);
    }
    return name;
}

std::string device_file(std::string_view name)
{
    for (const auto& [tag, directory] : device_tags) {
        if (name.starts_with(tag) && name.substr(tag.size()).starts_with('=')) {
            std::string_view value = name.substr(tag.size() + 1);
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
                value = value.substr(1, value.size() - 2);
            return std::string(directory) + encoded(value);
        }
    }
    return name.starts_with("/dev/") && name != "/dev/nfs" ? std::string(name.substr(1)) : std::string();
}

} // namespace

RootSource root_source(std::span<const std::string> words)
{
    RootSource source;
    for (const std::string& word : words) {
        std::string_view root = word;
        if (!root.starts_with("root=")) {
            if (starts_with_any(word, network_words))
                source.network_word = word.substr(0, word.find('='));
            continue;
        }
        root.remove_prefix(5);
        source.is_local = !root.empty();
        if (root.starts_with("block:"))
            root.remove_prefix(6);
        source.device = device_file(root); // the last one counts
        const bool network = starts_with_any(root, network_roots);
        if (network && source.network_word.empty())
            source.network_word = "root"; // the others say more
        else if (!network && source.network_word == "root")
            source.network_word.clear();
    }
    source.is_local = source.is_local && source.network_word.empty();
    return source;
}

std::string device_of_mount_unit(std::string_view unit)
{
    for (const std::string_view line : split(unit, '\n'))
        if (line.starts_with("What="))
            return device_file(trim(line.substr(5)));
    return {};
}

bool root_is_mounted(std::string_view mounts)
{
    return std::ranges::any_of(split(mounts, '\n'), [](std::string_view line) {
        const auto fields = split(line, ' ');
        return fields.size() > 1 && (fields[1] == "/sysroot" || fields[1] == "/root");
    });
}

bool is_time_to_recover(const RootWait& wait)
{
    if (wait.last)
        return true;
    const bool on_its_way = wait.network ? wait.interfaces : !wait.known;
    return wait.waited >= wait.grace * (on_its_way ? patience : 1);
}

} // namespace vfio_early
