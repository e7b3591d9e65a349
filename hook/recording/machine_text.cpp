// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/machine_text.hpp"

#include "early/model/text.hpp"
#include "hook/recording/machine_sysfs.hpp"

#include <algorithm>
#include <cerrno>

namespace vfio_early {

namespace {

constexpr unsigned most_bases = 8;

/// A description as it was read; its bases are already in it.
struct Description {
    std::string release;
    DescribedFunctions functions;
    std::map<std::string, std::vector<std::string>> modules; ///< and their aliases
    std::vector<std::string> builtin;
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> links;
    std::map<std::string, std::string> names; ///< by "10de" or "10de:128b"
    std::map<std::string, std::string> classes;
};

using Wrong = std::unexpected<std::string>;

/// "verb subject rest", the rest without the blanks around it.
struct LineWords {
    std::string verb;
    std::string subject;
    std::string rest;
};

std::string take_word(std::string_view& line)
{
    line = trim(line);
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    return std::string(word);
}

LineWords parse_line(std::string_view line)
{
    LineWords words{.verb = take_word(line), .subject = take_word(line), .rest = {}};
    words.rest = trim(line);
    return words;
}

class Reader {
public:
    Reader(Description& description, const ReadBase& read_base, unsigned depth)
        : description_(description), read_base_(read_base), depth_(depth)
    {
    }

    Result<void> read(std::string_view text, const std::string& name)
    {
        unsigned number = 0;
        for (const std::string_view line : split(text, '\n')) {
            ++number;
            if (const auto done = read_line(line); !done)
                return system_error("read", name + ":" + std::to_string(number), 0, done.error());
        }
        return {};
    }

private:
    std::expected<void, std::string> read_line(std::string_view line)
    {
        if (line.starts_with("|")) {
            if (open_file_ == nullptr)
                return Wrong("there is no file that this line could belong to");
            *open_file_ += std::string(line.substr(std::min<std::size_t>(2, line.size()))) + "\n";
            return {};
        }
        const LineWords words = parse_line(line);
        if (words.verb.empty() || words.verb.starts_with('#'))
            return {};
        open_file_ = nullptr;
        if (words.subject.empty())
            return Wrong("no line of a machine is only this: " + words.verb);
        return read_words(words);
    }

    std::expected<void, std::string> read_words(const LineWords& words)
    {
        if (words.verb == "base")
            return read_base(words.subject);
        if (words.verb == "without")
            return leave_out(words);
        if (words.verb == "function") {
            auto function = parse_described_function(words.subject, words.rest);
            if (!function)
                return Wrong(function.error());
            description_.functions[words.subject] = std::move(*function);
        } else if (words.verb == "release")
            description_.release = words.subject;
        else if (words.verb == "module") {
            std::vector<std::string>& aliases = description_.modules[words.subject];
            aliases.clear();
            for (std::string_view rest = words.rest; !trim(rest).empty();)
                aliases.push_back(take_word(rest));
        } else if (words.verb == "builtin")
            description_.builtin.push_back(words.subject);
        else if (words.verb == "file")
            open_file_ = &(description_.files[words.subject] = "");
        else if (words.verb == "link" && !words.rest.empty())
            description_.links[words.subject] = words.rest;
        else if (words.verb == "name" && (words.subject.size() == 4 || words.subject.size() == 9))
            description_.names[words.subject] = words.rest;
        else if (words.verb == "class" && words.subject.size() == 4)
            description_.classes[words.subject] = words.rest;
        else
            return Wrong("no line of a machine begins like this: " + words.verb);
        return {};
    }

    std::expected<void, std::string> leave_out(const LineWords& words)
    {
        if (words.subject == "groups") {
            for (auto& [address, function] : description_.functions)
                function.values.erase("group");
            return {};
        }
        if (words.subject == "file" && description_.files.erase(words.rest) != 0)
            return {};
        if (words.subject == "function" && description_.functions.erase(words.rest) != 0)
            return {};
        return Wrong("there is nothing like this to leave out");
    }

    std::expected<void, std::string> read_base(const std::string& name)
    {
        if (depth_ == most_bases)
            return Wrong("too many bases within each other");
        const auto text = read_base_(name);
        if (!text)
            return Wrong(text.error().message());
        if (const auto done = Reader(description_, read_base_, depth_ + 1).read(*text, name); !done)
            return Wrong(done.error().message());
        return {};
    }

    Description& description_;
    const ReadBase& read_base_;
    unsigned depth_;
    std::string* open_file_ = nullptr;
};

/// The format of pci.ids: devices stand below their vendor, subclasses below their class.
std::string pci_ids_text(const Description& description)
{
    std::string text;
    for (const auto& [id, name] : description.names) // "10de" sorts before "10de:128b"
        text += (id.size() == 4 ? id : "\t" + id.substr(5)) + "  " + name + "\n";
    std::string open_class;
    for (const auto& [code, name] : description.classes) {
        if (code.substr(0, 2) != open_class) {
            open_class = code.substr(0, 2);
            text += "C " + open_class + "  Class " + open_class + "\n";
        }
        text += "\t" + code.substr(2) + "  " + name + "\n";
    }
    return text;
}

void add_modules(const Description& description, RecordedTree& tree)
{
    const std::string directory = "lib/modules/" + description.release + "/";
    std::string aliases;
    std::string dependencies;
    std::string builtin;
    for (const auto& [module, patterns] : description.modules) {
        dependencies += "kernel/" + module + ".ko:\n";
        for (const std::string& pattern : patterns)
            aliases += "alias " + pattern + " " + module + "\n";
    }
    for (const std::string& module : description.builtin)
        builtin += "kernel/" + module + ".ko\n";
    tree.files[directory + "modules.alias"] = aliases;
    tree.files[directory + "modules.dep"] = dependencies;
    tree.files[directory + "modules.builtin"] = builtin;
    tree.files["proc/sys/kernel/osrelease"] = description.release + "\n";
}

} // namespace

Result<RecordedTree> parse_machine_text(std::string_view text, const std::string& name, const ReadBase& read_base)
{
    Description description;
    if (const auto done = Reader(description, read_base, 0).read(text, name); !done)
        return std::unexpected(done.error());
    if (description.release.empty() || description.functions.empty())
        return system_error("read", name, 0, "a machine has a release and functions; this has not");
    RecordedTree tree;
    if (const auto done = add_sysfs(description.functions, description.builtin, tree); !done)
        return system_error("read", name, 0, done.error());
    add_modules(description, tree);
    for (const auto& [path, content] : description.files)
        tree.files[path] = content;
    for (const auto& [path, target] : description.links)
        tree.links[path] = target;
    tree.files["usr/share/misc/pci.ids"] = pci_ids_text(description);
    return tree;
}

} // namespace vfio_early
