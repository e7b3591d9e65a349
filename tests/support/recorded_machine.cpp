// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/recorded_machine.hpp"

#include "early/model/pci.hpp"
#include "early/model/text.hpp"
#include "tests/support/sysfs_writer.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace vfio_early::test {

namespace {

/// A recording as it was read; `base` is already in it.
struct Recording {
    std::string release;
    std::map<std::string, RecordedFunction> functions;       ///< by address as the kernel writes it
    std::map<std::string, std::vector<std::string>> modules; ///< and their aliases
    std::vector<std::string> builtin;
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> links;
    std::map<std::string, std::string> names; ///< by "10de" or "10de:128b"
    std::map<std::string, std::string> classes;
};

class Reader {
public:
    explicit Reader(Recording& recording) : recording_(recording) {}

    void read(const std::string& name)
    {
        const std::string path = VFIO_EARLY_SOURCE_DIR "/tests/machines/" + name + ".machine";
        std::ifstream file(path);
        if (!file)
            throw std::runtime_error("cannot read " + path);
        std::string line;
        for (unsigned number = 1; std::getline(file, line); ++number) {
            try {
                read_line(line);
            } catch (const std::exception& error) {
                throw std::runtime_error(path + ":" + std::to_string(number) + ": " + error.what());
            }
        }
    }

private:
    void read_line(const std::string& line)
    {
        if (line.starts_with("|")) {
            if (open_file_ == nullptr)
                throw std::runtime_error("no file is open");
            *open_file_ += line.substr(std::min<std::size_t>(2, line.size())) + "\n";
            return;
        }
        std::istringstream words(line);
        std::string verb;
        if (!(words >> verb) || verb.starts_with('#'))
            return;
        open_file_ = nullptr;
        std::string subject;
        words >> subject;
        std::string rest;
        std::getline(words >> std::ws, rest);
        obey(verb, subject, rest);
    }

    void obey(const std::string& verb, const std::string& subject, const std::string& rest)
    {
        if (verb == "base")
            Reader(recording_).read(subject);
        else if (verb == "without" && subject == "groups")
            for (auto& entry : recording_.functions)
                entry.second.values.erase("group");
        else if (verb == "without" && subject == "file")
            recording_.files.erase(rest);
        else if (verb == "release")
            recording_.release = subject;
        else if (verb == "function")
            recording_.functions[subject] = parse_recorded_function(subject, rest);
        else if (verb == "module")
            recording_.modules[subject] = words_of(rest);
        else if (verb == "builtin")
            recording_.builtin.push_back(subject);
        else if (verb == "file")
            open_file_ = &(recording_.files[subject] = "");
        else if (verb == "link")
            recording_.links[subject] = rest;
        else if (verb == "name")
            recording_.names[subject] = rest;
        else if (verb == "class")
            recording_.classes[subject] = rest;
        else
            throw std::runtime_error("unknown line");
    }

    static std::vector<std::string> words_of(const std::string& text)
    {
        std::vector<std::string> words;
        std::istringstream stream(text);
        for (std::string word; stream >> word;)
            words.push_back(word);
        return words;
    }

    Recording& recording_;
    std::string* open_file_ = nullptr;
};

/// The format of pci.ids: devices stand below their vendor, subclasses below their class.
std::string pci_ids_text(const Recording& recording)
{
    std::string text;
    for (const auto& [id, name] : recording.names) // "10de" sorts before "10de:128b"
        text += (id.size() == 4 ? id : "\t" + id.substr(5)) + "  " + name + "\n";
    std::string open_class;
    for (const auto& [code, name] : recording.classes) {
        if (code.substr(0, 2) != open_class) {
            open_class = code.substr(0, 2);
            text += "C " + open_class + "  Class " + open_class + "\n";
        }
        text += "\t" + code.substr(2) + "  " + name + "\n";
    }
    return text;
}

void write_modules(const Recording& recording, const TemporaryTree& tree)
{
    const std::string directory = "lib/modules/" + recording.release + "/";
    std::string aliases;
    std::string dependencies;
    std::string builtin;
    for (const auto& [module, patterns] : recording.modules) {
        dependencies += "kernel/" + module + ".ko:\n";
        for (const std::string& pattern : patterns)
            aliases += "alias " + pattern + " " + module + "\n";
    }
    for (const std::string& module : recording.builtin)
        builtin += "kernel/" + module + ".ko\n";
    tree.write(directory + "modules.alias", aliases);
    tree.write(directory + "modules.dep", dependencies);
    tree.write(directory + "modules.builtin", builtin);
}

} // namespace

void expand_machine(const std::string& name, const TemporaryTree& tree)
{
    Recording recording;
    Reader(recording).read(name);
    write_sysfs(recording.functions, recording.builtin, tree);
    write_modules(recording, tree);
    for (const auto& [path, text] : recording.files)
        tree.write(path, text);
    for (const auto& [path, target] : recording.links)
        tree.link(path, target);
    tree.write("usr/share/misc/pci.ids", pci_ids_text(recording));
}

} // namespace vfio_early::test
