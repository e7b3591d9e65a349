// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/boot_request.hpp"

#include "early/model/diagnostic.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <utility>

namespace vfio_early {

namespace {

/// isspace() of lib/ctype.c: the no-break space of Latin-1 is one, too.
bool is_kernel_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

/// One word as next_arg() in lib/cmdline.c takes it: quotes keep white space together wherever they stand;
/// they are taken away only around the whole word and around the value.
std::string without_quotes(std::string_view word)
{
    const auto equals = word.find('=');
    if (word.starts_with('"')) {
        word.remove_prefix(1);
        if (word.ends_with('"'))
            word.remove_suffix(1);
        return std::string(word);
    }
    if (equals == std::string_view::npos || equals == 0 || !word.substr(equals + 1).starts_with('"'))
        return std::string(word);
    std::string_view value = word.substr(equals + 2);
    if (value.ends_with('"'))
        value.remove_suffix(1);
    return std::string(word.substr(0, equals + 1)) + std::string(value);
}

/// One word of the command line: NAME, with '_' for '-', and what stands behind the `=`.
struct BootWord {
    std::string name;
    bool has_value = false;
    std::string_view value;
    std::string_view written;
};

BootWord boot_word(std::string_view written)
{
    const auto equals = written.find('=');
    BootWord word{normal_module_name(written.substr(0, equals)), equals != std::string_view::npos, {}, written};
    if (word.has_value)
        word.value = written.substr(equals + 1);
    return word;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::ranges::find(words, text) != words.end();
}

class RequestReader {
public:
    void read(const BootWord& word)
    {
        if (word.has_value)
            request_.parameters.push_back(
                {std::string(word.written.substr(0, word.name.size())), std::string(word.value)});
        std::string_view name = word.name;
        if (name.starts_with("rd.vfio_early"))
            name.remove_prefix(3);
        if (name == "vfio_early")
            read_mode(word);
        else if (name == "vfio_early.profile")
            read_profiles(word);
        else if (name == "vfio_early.skip")
            read_addresses(word, request_.skip, true);
        else if (name == "vfio_early.bind")
            read_addresses(word, request_.bind, false);
        else if (name == "vfio_early.debug")
            request_.debug = !is_one_of(word.value, {"0", "no", "off"});
        else if (name == "vfio_early.grace")
            read_grace(word);
        else if (is_one_of(name, {"modprobe.blacklist", "module_blacklist", "blacklist", "rd.driver.blacklist"}))
            read_blacklist(word);
        else if (name == "elfcorehdr")
            turn_off("this kernel was started to save the memory of a crashed one (elfcorehdr=)");
        else if (name == "vfio_pci.ids")
            read_vfio_pci_ids(word);
        else if (name.starts_with("vfio_early"))
            read_unknown(word, name);
    }

    BootRequest request() { return std::move(request_); }

private:
    void warn(std::string message)
    {
        if (request_.warnings.size() < max_diagnostics)
            request_.warnings.push_back(std::move(message));
    }

    void turn_off(std::string because)
    {
        if (request_.mode != BootRequest::Mode::off)
            request_.off_because = std::move(because);
        request_.mode = BootRequest::Mode::off;
    }

    void read_mode(const BootWord& word)
    {
        using Mode = BootRequest::Mode;
        const std::string value = lower_case(word.value);
        if (is_one_of(value, {"dry-run", "dry_run", "dryrun"}))
            request_.mode = std::max(request_.mode, Mode::dry_run); // the more careful wins, wherever it stands
        else if (is_one_of(value, {"off", "0", "no", "false"}))
            turn_off(quoted(word.written) + " is on the kernel command line");
        else if (word.has_value && !is_one_of(value, {"on", "1", "yes", "true"}))
            turn_off(quoted(word.written) + " on the kernel command line is not understood, and taken for off");
    }

    void read_profiles(const BootWord& word)
    {
        for (const std::string_view name : split(word.value, ','))
            if (!is_name(name))
                warn(quoted(name) + " in " + quoted(word.written) + " is not the name of a profile");
            else if (std::ranges::find(request_.profiles, name) == request_.profiles.end())
                request_.profiles.emplace_back(name);
    }

    void read_addresses(const BootWord& word, std::vector<AddressPattern>& addresses, bool skip)
    {
        for (const std::string_view text : split(word.value, ',')) {
            auto address = parse_address_pattern(text);
            if (!address && skip) // a slot is enough to say what is to be left alone
                address = parse_address_pattern(std::string(text) + ".*");
            if (address) {
                addresses.push_back(std::move(*address));
                continue;
            }
            // Whatever was to be spared must be.
            if (skip)
                turn_off(quoted(text) + " in " + quoted(word.written) +
                         " is not an address such as 01:00.0 or 01:00.*, so that nothing is touched at all");
            else
                warn(quoted(text) + " in " + quoted(word.written) + " is not an address");
        }
    }

    void read_grace(const BootWord& word)
    {
        if (const auto seconds = parse_decimal(word.value))
            request_.grace = std::chrono::seconds(*seconds);
        else
            warn(quoted(word.written) + " is not understood");
    }

    void read_blacklist(const BootWord& word)
    {
        for (const std::string_view name : split(word.value, ','))
            if (!name.empty())
                request_.blacklist.push_back(normal_module_name(name));
    }

    /// VENDOR:DEVICE[:...], each as sscanf("%x") takes it (vfio_pci_fill_ids() in drivers/vfio/pci/vfio_pci.c).
    void read_vfio_pci_ids(const BootWord& word)
    {
        constexpr std::uint64_t any = 0xffffffff; // PCI_ANY_ID
        constexpr std::uint64_t last_id = 0xffff;
        static constexpr std::uint64_t none = UINT64_MAX; // sscanf() found no number
        const auto number = [](std::string_view text) {
            if (text.starts_with("0x") || text.starts_with("0X"))
                text.remove_prefix(2);
            return parse_hex(text, 8).value_or(none);
        };
        for (const std::string_view entry : split(word.value, ',')) {
            const auto parts = split(entry, ':');
            const std::uint64_t vendor = number(parts[0]);
            const std::uint64_t device = parts.size() > 1 ? number(parts[1]) : none;
            if (vendor == any && device != none)
                warn(quoted(entry) + " in vfio-pci.ids= makes vfio-pci take the functions of every vendor");
            else if (vendor <= last_id && device == any)
                request_.vfio_pci_ids.push_back({static_cast<std::uint16_t>(vendor), std::nullopt});
            else if (vendor <= last_id && device <= last_id)
                request_.vfio_pci_ids.push_back(
                    {static_cast<std::uint16_t>(vendor), static_cast<std::uint16_t>(device)});
            // Anything else the kernel passes over as well, or it can match nothing.
        }
    }

    void read_unknown(const BootWord& word, std::string_view name)
    {
        if (name == "vfio_early.off" && !is_one_of(word.value, {"0", "no", "false"})) {
            turn_off(quoted(word.written) + " is on the kernel command line, and taken for vfio_early=off");
            return;
        }
        warn("unknown word " + quoted(word.written));
    }

    BootRequest request_;
};

} // namespace

BootRequest parse_boot_request(std::string_view command_line)
{
    RequestReader reader;
    const std::vector<std::string> words = command_line_words(command_line);
    for (const std::string& word : words)
        reader.read(boot_word(word));
    BootRequest request = reader.request();
    request.root = root_source(words);
    return request;
}

std::vector<std::string> command_line_words(std::string_view command_line)
{
    std::vector<std::string> words;
    for (std::size_t place = 0; place < command_line.size(); ++place) {
        if (is_kernel_space(command_line[place]))
            continue;
        const std::size_t start = place;
        bool in_quotes = false;
        for (; place < command_line.size() && (in_quotes || !is_kernel_space(command_line[place])); ++place)
            in_quotes ^= command_line[place] == '"';
        std::string word = without_quotes(command_line.substr(start, place - start));
        if (word == "--")
            break;
        words.push_back(std::move(word));
    }
    return words;
}

} // namespace vfio_early
