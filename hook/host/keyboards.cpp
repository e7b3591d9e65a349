// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/keyboards.hpp"

#include "early/machine/scan.hpp"
#include "early/model/text.hpp"
#include "hook/host/blank_words.hpp"
#include "hook/host/regular_file.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

constexpr unsigned bits_in_a_word = 64;
constexpr std::array<unsigned, 4> needed_keys{16, 28, 30, 44}; // KEY_Q, KEY_ENTER, KEY_A, KEY_Z

} // namespace

bool asks_for_passphrase(std::string_view crypttab)
{
    return std::ranges::any_of(split(crypttab, '\n'), [](std::string_view line) {
        const auto words = blank_words(line.substr(0, line.find('#')));
        return words.size() == 2 || (words.size() > 2 && (words[2] == "none" || words[2] == "-"));
    });
}

bool is_keyboard(std::string_view key_bits)
{
    const auto words = blank_words(key_bits);
    return std::ranges::all_of(needed_keys, [&](unsigned key) {
        const std::size_t from_the_end = key / bits_in_a_word + 1;
        if (words.size() < from_the_end)
            return false;
        const auto word = parse_hex(words[words.size() - from_the_end]);
        return word && (*word >> key % bits_in_a_word & 1U) != 0;
    });
}

NeededFunctions functions_behind_keyboards(const Root& root)
{
    constexpr const char* inputs = "sys/class/input";
    NeededFunctions needed;
    if (!asks_for_passphrase(read_regular_file(root, "etc/crypttab").value_or("")))
        return needed;
    for (const std::string& name : names_in(root, inputs)) {
        const std::string entry = std::string(inputs) + "/" + name;
        const std::string link = root.read_link(entry).value_or("");
        if (!name.starts_with("input") || link.find("/usb") == std::string::npos)
            continue;
        if (!is_keyboard(root.read_line(entry + "/capabilities/key").value_or("")))
            continue;
        std::vector<Address> functions;
        add_pci_ancestors(root, link, functions);
        for (const Address& function : functions)
            needed.functions.push_back(
                {function, "a passphrase is typed at boot on " + root.read_line(entry + "/name").value_or(name)});
    }
    return needed;
}

} // namespace vfio_early
