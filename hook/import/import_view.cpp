// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/import_view.hpp"

#include "early/model/printable.hpp"

#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

std::string_view fate_word(LineFate fate)
{
    switch (fate) {
    case LineFate::remove:
        return "delete";
    case LineFate::keep:
        return "keep";
    case LineFate::not_understood:
        return "not-understood";
    case LineFate::unrelated:
        break;
    }
    return "unrelated";
}

Style fate_style(LineFate fate)
{
    switch (fate) {
    case LineFate::remove:
        return Style::green;
    case LineFate::not_understood:
        return Style::yellow;
    default:
        return Style::plain;
    }
}

bool is_told(const SourceLine& line, bool all)
{
    return all || line.fate != LineFate::unrelated;
}

} // namespace

std::string_view fate_text(LineFate fate)
{
    switch (fate) {
    case LineFate::remove:
        return "may be deleted";
    case LineFate::keep:
        return "keep";
    case LineFate::not_understood:
        return "not understood";
    case LineFate::unrelated:
        break;
    }
    return "keep";
}

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
        if (!is_told(line, all))
            continue;
        if (first)
            console.out << (imported.blocks.empty() ? "" : "\n") << "# The old configuration, line by line:\n";
        first = false;
        console.out << printable(fmt::format("#   {}: {}", line.location(), line.text)) << '\n';
        console.out << "#       " << paint(console.colour_out, fate_style(line.fate), fate_text(line.fate)) << ": "
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
    for (const SourceLine& line : imported.lines) {
        json["lines"].push_back({{"file", line.file},
                                 {"line", line.number == 0 ? Json(nullptr) : Json(line.number)},
                                 {"text", line.text},
                                 {"verdict", fate_word(line.fate)},
                                 {"why", line.why}});
    }
    json["notes"] = imported.notes;
    return json;
}

} // namespace vfio_early
