// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorder.hpp"

#include "hook/host/regular_file.hpp"
#include <cctype>
#include <filesystem>
#include <utility>

namespace vfio_early {

namespace {

bool is_hex(char c)
{
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

/// The length of a row of at least six pairs of hex digits at the beginning of `text`, as MAC addresses (with a
/// type before them in BOOTIF=) and Device Serial Numbers are written; 0 if there is none.
std::size_t pairs_length(std::string_view text)
{
    constexpr std::size_t shortest = 17;
    if (text.size() < shortest || (text[2] != ':' && text[2] != '-'))
        return 0;
    std::size_t end = 0;
    while (end + 1 < text.size() && is_hex(text[end]) && is_hex(text[end + 1])) {
        end += 2;
        if (end == text.size() || text[end] != text[2])
            break;
        ++end;
    }
    return end >= shortest ? end : 0;
}

/// The length of what follows "serial="; 0 if `text` does not begin with that.
std::size_t serial_length(std::string_view text)
{
    constexpr std::string_view key = "serial=";
    if (!text.starts_with(key))
        return 0;
    std::size_t end = key.size();
    while (end < text.size() && (is_hex(text[end]) || text[end] == '-'))
        ++end;
    return end;
}

} // namespace

std::string without_serials(std::string_view text)
{
    std::string clean(text);
    for (std::size_t at = 0; at < clean.size();) {
        const std::string_view rest = std::string_view(clean).substr(at);
        std::size_t from = at;
        std::size_t length = pairs_length(rest);
        if (length == 0) {
            length = serial_length(rest);
            if (length != 0)
                from += rest.find('=') + 1;
        }
        for (std::size_t index = from; index < at + length; ++index)
            if (is_hex(clean[index]))
                clean[index] = '0';
        at += length == 0 ? 1 : length;
    }
    return clean;
}

void Recorder::file(const std::string& path)
{
    const auto content = read_regular_file(root_, path);
    if (content)
        text(path, cleaned(*content));
}

std::string Recorder::cleaned(std::string_view text) const
{
    return options_.serials ? std::string(text) : without_serials(text);
}

void Recorder::prefix(const std::string& path, std::size_t size)
{
    if (auto content = root_.read_prefix(path, size))
        text(path, std::move(*content));
}

void Recorder::link(const std::string& path)
{
    if (auto target = root_.read_link(path))
        tree_.links[path] = std::move(*target);
}

void Recorder::presence(const std::string& path)
{
    if (root_.exists(path))
        text(path, "");
}

void Recorder::files_of(const std::string& directory, std::string_view suffix)
{
    for (const std::string& name : names_in(root_, directory))
        if (name.ends_with(suffix))
            file(directory + "/" + name);
}

void Recorder::text(const std::string& path, std::string content)
{
    tree_.files[path] = std::move(content);
}

std::string Recorder::target(const std::string& path) const
{
    const auto link = root_.read_link(path);
    if (!link)
        return {};
    return (std::filesystem::path(path).parent_path() / *link).lexically_normal().string();
}

Result<RecordedTree> record_machine(const Root& root, const RecordOptions& options)
{
    RecordedTree tree;
    Recorder recorder(root, tree, options);
    if (auto recorded = record_pci(recorder); !recorded)
        return std::unexpected(recorded.error());
    record_block_and_net(recorder);
    record_kernel(recorder);
    record_configuration(recorder);
    record_old_ways(recorder);
    record_modules(recorder);
    record_names(recorder);
    return tree;
}

} // namespace vfio_early
