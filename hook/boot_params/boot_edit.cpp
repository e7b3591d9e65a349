// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/boot_params/boot_loader.hpp"

#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

bool is_end(char c)
{
    return c == ' ' || c == '\t' || c == '"' || c == '\'';
}

/// Where `word` stands in the line as a word of its own.
std::size_t find_word(std::string_view line, std::string_view word)
{
    for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
        const bool begins = at == 0 || is_end(line[at - 1]) || line[at - 1] == '=';
        const std::size_t end = at + word.size();
        if (begins && (end == line.size() || is_end(line[end])))
            return at;
    }
    return std::string_view::npos;
}

/// Takes each copy of the word away, with the blank that parts it from its neighbour.
std::string without_word(std::string line, std::string_view word)
{
    for (std::size_t at = find_word(line, word); at != std::string::npos; at = find_word(line, word)) {
        std::size_t length = word.size();
        if (at + length < line.size() && line[at + length] == ' ')
            ++length;
        else if (at > 0 && line[at - 1] == ' ')
            --at, ++length;
        line.erase(at, length);
    }
    return line;
}

bool holds_words(const BootFile& file, std::string_view line)
{
    const std::string_view text = trim(line);
    if (text.starts_with('#'))
        return false;
    return file.path.ends_with("kernel/cmdline") || text.starts_with("GRUB_CMDLINE_LINUX");
}

std::string edit_lines(const BootFile& file, const std::vector<ParameterChange>& changes)
{
    std::vector<std::string> lines;
    for (const std::string_view original : split(file.text, '\n')) {
        std::string line(original);
        for (const ParameterChange& change : changes)
            if (!change.add && holds_words(file, line))
                line = without_word(std::move(line), change.word);
        lines.push_back(std::move(line));
    }
    return join(lines, "\n");
}

bool holds_word(const BootFile& file, std::string_view word)
{
    return std::ranges::any_of(split(file.text, '\n'), [&](std::string_view line) {
        return holds_words(file, line) && find_word(line, word) != std::string_view::npos;
    });
}

/// Without those that a file has already, for the next boot.
std::string words_to_add(const BootLoader& loader, const std::vector<ParameterChange>& changes)
{
    std::vector<std::string> words;
    for (const ParameterChange& change : changes)
        if (change.add &&
            std::ranges::none_of(loader.files, [&](const BootFile& file) { return holds_word(file, change.word); }))
            words.push_back(change.word);
    return join(words, " ");
}

std::string with_words(const std::string& command_line, const std::string& words)
{
    std::vector<std::string> lines;
    bool added = false;
    for (const std::string_view line : split(command_line, '\n')) {
        const bool here = !added && !trim(line).empty() && !trim(line).starts_with('#');
        lines.push_back(here ? std::string(line.substr(0, line.find_last_not_of(" \t\r") + 1)) + " " + words
                             : std::string(line));
        added = added || here;
    }
    return added ? join(lines, "\n") : words + "\n";
}

constexpr std::string_view drop_in_start = "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT ";

/// Our drop-in with further words; `before` is what it holds already.
std::string grub_drop_in(std::string_view before, const std::string& words)
{
    std::string all;
    const auto start = before.find(drop_in_start);
    if (start != std::string_view::npos) {
        const std::string_view known = before.substr(start + drop_in_start.size());
        all = std::string(known.substr(0, known.find('"')));
    }
    for (const std::string_view word : split(words, ' '))
        if (find_word(all, word) == std::string::npos)
            all += (all.empty() ? "" : " ") + std::string(word);
    return "# Written by vfio-earlyctl boot-params.\n" + std::string(drop_in_start) + all + "\"\n";
}

bool may_edit(const BootLoader& loader, const BootFile& file)
{
    return !loader.only_drop_in || file.path == loader.drop_in;
}

} // namespace

std::vector<FileChange> apply_changes(const BootLoader& loader, const std::vector<ParameterChange>& changes)
{
    std::vector<FileChange> result;
    const std::string words = words_to_add(loader, changes);
    for (const BootFile& file : loader.files) {
        std::string text = may_edit(loader, file) ? edit_lines(file, changes) : file.text;
        if (!words.empty() && loader.drop_in.empty())
            text = with_words(text, words);
        if (!words.empty() && file.path == loader.drop_in)
            text = grub_drop_in(text, words);
        if (text != file.text)
            result.push_back({.path = file.path, .before = file.text, .after = std::move(text)});
    }
    const bool has_drop_in = std::ranges::find(loader.files, loader.drop_in, &BootFile::path) != loader.files.end();
    if (!words.empty() && !loader.drop_in.empty() && !has_drop_in)
        result.push_back({.path = loader.drop_in, .before = {}, .after = grub_drop_in({}, words)});
    return result;
}

std::vector<std::string> words_left_alone(const BootLoader& loader, const std::vector<ParameterChange>& changes)
{
    std::vector<std::string> words;
    for (const BootFile& file : loader.files)
        for (const ParameterChange& change : changes)
            if (!change.add && !may_edit(loader, file) && holds_word(file, change.word))
                words.push_back(change.word + " in /" + file.path);
    return words;
}

std::vector<std::string> words_in_no_file(const BootLoader& loader, const std::vector<ParameterChange>& changes)
{
    std::vector<std::string> words;
    for (const ParameterChange& change : changes) {
        const auto holds = [&](const BootFile& file) { return holds_word(file, change.word); };
        if (!change.add && std::ranges::none_of(loader.files, holds))
            words.push_back(change.word);
    }
    return words;
}

} // namespace vfio_early
