// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/import_view.hpp"

#include "early/model/printable.hpp"

#include <array>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

struct FateLook {
    std::string_view word; ///< in JSON
    std::string_view text;
    Style style;
};

/// In the order of the enumeration.
constexpr std::array<FateLook, 4> looks{{{"unrelated", "keep", Style::plain},
                                         {"delete", "may be deleted", Style::green},
                                         {"keep", "keep", Style::plain},
                                         {"not-understood", "not understood", Style::yellow}}};

const FateLook& look_of(const SourceLine& line)
{
    return looks.at(static_cast<std::size_t>(line.fate));
}

} // namespace

std::vector<std::string> policy_lines(const Imported& imported)
{
    std::vector<std::string> lines;
    for (const PolicyBlock& block : imported.blocks) {
        if (!lines.empty())
            lines.emplace_back();
        lines.insert(lines.end(), block.lines.begin(), block.lines.end());
    }
    return lines;
}

void print_import(const Imported& imported, bool all, Console& console)
{
    for (const std::string& line : policy_lines(imported))
        console.out << printable(line) << '\n';
    bool first = true;
    for (const SourceLine& line : imported.lines) {
        if (!all && line.fate == LineFate::unrelated)
            continue;
        if (first)
            console.out << (imported.blocks.empty() ? "" : "\n") << "# The old configuration, line by line:\n";
        first = false;
        console.out << printable(fmt::format("#   {}: {}", line.location(), line.text)) << '\n';
        console.out << "#       " << paint(console.colour_out, look_of(line).style, look_of(line).text) << ": "
                    << printable(line.why) << '\n';
    }
}

nlohmann::ordered_json import_json(const Imported& imported)
{
    using Json = nlohmann::ordered_json;
    Json json{{"schema", 1}, {"policy", Json::array()}, {"lines", Json::array()}};
    for (const PolicyBlock& block : imported.blocks) {
        Json entry{{"statement", block.lines.back()}, {"comments", Json::array()}, {"functions", Json::array()}};
        for (std::size_t index = 0; index + 1 < block.lines.size(); ++index)
            entry["comments"].push_back(block.lines[index]);
        for (const Address& address : block.functions)
            entry["functions"].push_back(address.text());
        json["policy"].push_back(std::move(entry));
    }
    for (const SourceLine& line : imported.lines)
        json["lines"].push_back({{"file", line.file},
                                 {"line", line.number == 0 ? Json(nullptr) : Json(line.number)},
                                 {"text", line.text},
                                 {"verdict", look_of(line).word},
                                 {"why", line.why}});
    json["notes"] = imported.notes;
    return json;
}

} // namespace vfio_early
